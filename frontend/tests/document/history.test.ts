import { expect, test } from "vitest";
import { beginHistory, commit, MOST_STEPS, redo, settle, undo } from "../../src/document/history";

function after(steps: number) {
  let history = beginHistory(0);
  for (let value = 1; value <= steps; value++) {
    history = commit(history, value, `Step ${value}`);
  }
  return history;
}

test("at least 100 steps are undone one by one and done again", () => {
  let history = after(120);
  for (let value = 119; value >= 0; value--) {
    history = undo(history);
    expect(history.present).toBe(value);
  }
  expect(undo(history)).toBe(history);
  for (let value = 1; value <= 120; value++) {
    history = redo(history);
    expect(history.present).toBe(value);
  }
  expect(redo(history)).toBe(history);
});

test("a step after undoing takes the place of what was undone", () => {
  const history = commit(undo(undo(after(3))), 9, "Other");
  expect(history.present).toBe(9);
  expect(history.future).toEqual([]);
  expect(undo(history).present).toBe(1);
});

test("undone and redone steps keep their words", () => {
  const history = undo(after(2));
  expect(history.future[0]?.words).toBe("Step 2");
  expect(redo(history).past.at(-1)?.words).toBe("Step 2");
});

test("the steps of a drag are one, and the next drag is another", () => {
  let history = beginHistory(0);
  for (const value of [1, 2, 3]) {
    history = commit(history, value, "Move", "move 7");
  }
  history = commit(settle(history), 4, "Move", "move 7");
  expect(undo(history).present).toBe(3);
  expect(undo(undo(history)).present).toBe(0);
});

test("a step that changes nothing is none", () => {
  const history = after(1);
  expect(commit(history, history.present, "Nothing")).toBe(history);
});

test("the oldest steps go when there are very many", () => {
  const history = after(MOST_STEPS + 10);
  expect(history.past).toHaveLength(MOST_STEPS);
  expect(history.past[0]?.value).toBe(10);
});
