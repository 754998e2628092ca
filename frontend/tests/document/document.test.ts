import { expect, test } from "vitest";
import {
  addMark,
  colorMark,
  EMPTY,
  findMark,
  hintsOf,
  LARGEST_RADIUS,
  largestId,
  moveMark,
  removeMark,
  resizeMark,
  SMALLEST_RADIUS,
} from "../../src/document/document";
import { beginHistory, commit, undo } from "../../src/document/history";
import type { Hint } from "../../src/render/contract";

const at = (x: number, y: number): Hint => ({ x, y, color: "#b5651d", radius: 0.01 });
const POINT = addMark(EMPTY, 1, [at(0.2, 0.3)]);
const BOTH = addMark(POINT, 2, [at(0.5, 0.5), at(0.6, 0.5), at(0.7, 0.5)]);

test("edits leave the document that they start from as it was", () => {
  const before = structuredClone(BOTH);
  colorMark(BOTH, 1, null);
  moveMark(BOTH, 2, 0.1, 0.1);
  resizeMark(BOTH, 2, 0.05);
  removeMark(BOTH, 1);
  expect(BOTH).toEqual(before);
});

test("the largest id of a history may be one that is deleted, or undone", () => {
  const deleted = commit(beginHistory(BOTH), removeMark(BOTH, 2), "Delete");
  expect(largestId(deleted)).toBe(2);
  expect(largestId(undo(commit(beginHistory(POINT), BOTH, "Add stroke")))).toBe(2);
  expect(largestId(beginHistory(EMPTY))).toBe(0);
});

test("an edit of a mark keeps all others themselves", () => {
  expect(colorMark(BOTH, 2, null).marks[0]).toBe(BOTH.marks[0]);
});

test("all hints of a stroke are coloured", () => {
  expect(findMark(colorMark(BOTH, 2, null), 2)?.hints.map(({ color }) => color)).toEqual([null, null, null]);
});

test("a stroke moves as one, and stops at the photograph's border", () => {
  const hints = findMark(moveMark(BOTH, 2, 0.9, -0.9), 2)?.hints ?? [];
  expect(hints.map(({ x }) => x)).toEqual([0.8, 0.9, 1].map((x) => expect.closeTo(x, 12)));
  expect(hints.map(({ y }) => y)).toEqual([0, 0, 0]);
});

test("radii stay within what can be pointed at", () => {
  expect(hintsOf(resizeMark(POINT, 1, 7).marks)[0]?.radius).toBe(LARGEST_RADIUS);
  expect(hintsOf(resizeMark(POINT, 1, 0).marks)[0]?.radius).toBe(SMALLEST_RADIUS);
});
