import { expect, test } from "vitest";
import { EMPTY } from "../../src/document/document";
import { beginHistory } from "../../src/document/history";
import { Refusal } from "../../src/engine/engine";
import { keepColored } from "../../src/studio/coloring";
import { Edits } from "../../src/studio/edits";
import { presentDocument } from "../../src/studio/state";
import { FakeOpened, gridOf, openPage, suggestion } from "./fake";

async function start() {
  const page = await openPage();
  keepColored(page.store);
  return { ...page, edits: new Edits(page.store), last: <T>(asked: readonly T[]) => asked.at(-1) as T };
}

const HERE = { x: 0.5, y: 0.5 };
const THERE = { x: 0.2, y: 0.8 };

test("the automatic colours are asked for at once", async () => {
  const { store, opened } = await start();
  expect(opened.askedColors).toHaveLength(1);
  await opened.askedColors[0]?.answer(gridOf(7));
  expect(store.state.colors?.grid.vividA[0]).toBe(7);
});

test("a new point gets the best suggestion for its place, made without it, and only then colours", async () => {
  const { store, opened, edits, last } = await start();
  edits.addPoint(HERE);
  expect(opened.askedColors).toHaveLength(1);
  expect(last(opened.askedSuggestions)).toMatchObject({ guidance: { hints: [] }, place: HERE });
  await last(opened.askedSuggestions).answer([suggestion("#b5651d"), suggestion("#336699")]);
  expect(presentDocument(store.state).marks[0]?.hints[0]?.color).toBe("#b5651d");
  expect(last(opened.askedColors).guidance.hints).toMatchObject([{ ...HERE, color: "#b5651d" }]);
  expect(store.state.suggestions.map(({ color }) => color)).toEqual(["#b5651d", "#336699"]);
});

test("adding a point with its suggested colour is one step", async () => {
  const { store, opened, edits, last } = await start();
  edits.addPoint(HERE);
  await last(opened.askedSuggestions).answer([suggestion("#b5651d")]);
  edits.undo();
  expect(presentDocument(store.state).marks).toEqual([]);
  edits.redo();
  expect(presentDocument(store.state).marks[0]?.hints[0]?.color).toBe("#b5651d");
});

test("a deleted mark that undo brings back has the colour that it had", async () => {
  const { store, opened, edits, last } = await start();
  for (const remove of [() => edits.remove(store.state.selected as number), () => edits.removeAll()]) {
    edits.addPoint(HERE);
    await last(opened.askedSuggestions).answer([suggestion("#b5651d")]);
    edits.color("#ff0000", true);
    remove();
    edits.addPoint(THERE);
    await last(opened.askedSuggestions).answer([suggestion("#0000ff")]);
    edits.undo();
    edits.undo();
    expect(presentDocument(store.state).marks.map(({ hints }) => hints[0]?.color)).toEqual(["#ff0000"]);
    edits.removeAll();
  }
});

test("a neutral point stays neutral whatever waited for a colour before", async () => {
  const { store, opened, edits, last } = await start();
  edits.addNeutral(HERE);
  edits.addPoint(THERE);
  edits.select(1);
  edits.undo();
  edits.saturation(1.5);
  edits.addNeutral(THERE);
  await last(opened.askedSuggestions).answer([suggestion("#0000ff")]);
  expect(presentDocument(store.state).marks.map(({ hints }) => hints[0]?.color)).toEqual([null, null]);
});

test("points that are added faster than suggestions come all get theirs", async () => {
  const { store, opened, edits } = await start();
  edits.addPoint(HERE);
  edits.addPoint(THERE);
  await opened.askedSuggestions[0]?.answer([suggestion("#111111")]);
  await opened.askedSuggestions.at(-1)?.answer([suggestion("#222222")]);
  const colors = presentDocument(store.state).marks.map(({ hints }) => hints[0]?.color);
  expect(colors).toEqual(["#111111", "#222222"]);
});

test("that uncertainty is being measured shows for as long as it is, and is looked at", async () => {
  const { store, opened, last } = await start();
  store.set({ view: "uncertainty" });
  expect(store.state.measuring).toBe(true);
  store.set({ view: "result" });
  expect(store.state.measuring).toBe(false);
  store.set({ view: "uncertainty" });
  expect(store.state.measuring).toBe(true);
  await last(opened.askedUncertainty).answer({ width: 1, height: 1, values: new Float32Array([0.5]) });
  expect(store.state.measuring).toBe(false);
  expect(store.state.uncertainty).not.toBeNull();
});

test("suggestions for one mark are never shown for another", async () => {
  const { store, opened, edits, last } = await start();
  edits.addNeutral(HERE);
  await last(opened.askedSuggestions).answer([suggestion("#111111")]);
  edits.addNeutral(HERE);
  expect(store.state.suggestions).toEqual([]);
  await last(opened.askedSuggestions).answer([suggestion("#222222")]);
  const shown = () => store.state.suggestions.map(({ color }) => color);
  edits.select(2);
  expect(shown()).toEqual(["#222222"]);
  edits.select(1);
  expect(shown()).toEqual([]);
  await last(opened.askedSuggestions).answer([suggestion("#333333")]);
  expect(shown()).toEqual(["#333333"]);
  edits.undo();
  edits.undo();
  expect(shown()).toEqual([]);
});

test("a mark on another one's place, and like it, has suggestions too", async () => {
  const { store, opened, edits, last } = await start();
  edits.addNeutral(HERE);
  edits.addNeutral(HERE);
  await last(opened.askedSuggestions).answer([suggestion("#111111")]);
  edits.select(1);
  await last(opened.askedSuggestions).answer([suggestion("#222222")]);
  expect(store.state.suggestions.map(({ color }) => color)).toEqual(["#222222"]);
});

test("a colour that the person picks is not replaced by a suggestion that comes late", async () => {
  const { store, opened, edits, last } = await start();
  edits.addPoint(HERE);
  edits.color("#00ff00", true);
  await last(opened.askedSuggestions).answer([suggestion("#b5651d")]);
  expect(presentDocument(store.state).marks[0]?.hints[0]?.color).toBe("#00ff00");
});

test("the latest edit wins: earlier questions are stopped, and late answers to them ignored", async () => {
  const { store, opened, edits } = await start();
  edits.addNeutral(HERE);
  edits.addNeutral(THERE);
  const [automatic, one, both] = opened.askedColors;
  expect(automatic?.signal?.aborted).toBe(true);
  expect(one?.signal?.aborted).toBe(true);
  await both?.answer(gridOf(2));
  await one?.answer(gridOf(1));
  expect(store.state.colors?.grid.vividA[0]).toBe(2);
  expect(store.state.colors?.hints).toHaveLength(2);
});

test("while a mark is dragged, answers keep coming, and the last place is asked about", async () => {
  const { store, opened, edits, last } = await start();
  edits.addNeutral(HERE);
  await last(opened.askedColors).answer(gridOf(0));
  for (let step = 0; step < 5; step++) {
    edits.move(1, 0.05, 0);
  }
  const asked = opened.askedColors.length;
  const dragging = last(opened.askedColors);
  expect(dragging.signal?.aborted).toBe(false);
  await dragging.answer(gridOf(1));
  expect(store.state.colors?.grid.vividA[0]).toBe(1);
  expect(opened.askedColors).toHaveLength(asked + 1);
  expect(last(opened.askedColors).guidance.hints[0]?.x).toBeCloseTo(0.75, 9);
});

test("saturation and temperature ask for nothing", async () => {
  const { opened, edits } = await start();
  edits.saturation(1.5);
  edits.settle();
  edits.temperature(-4);
  edits.settle();
  edits.decode("accurate");
  expect(opened.askedColors).toHaveLength(1);
});

test("a refusal is told once, and the next edit asks again", async () => {
  const { store, opened, edits, last } = await start();
  await last(opened.askedColors).fail(new Refusal("too much of it"));
  expect(store.state.notices.map(({ words }) => words)).toEqual(["The colours could not be renewed: too much of it."]);
  expect(opened.askedColors).toHaveLength(1);
  edits.addNeutral(HERE);
  expect(opened.askedColors).toHaveLength(2);
});

test("with a photograph all questions about it end, and no late answer is taken for another's", async () => {
  for (const next of [null, new FakeOpened()]) {
    const { store, opened, edits, last } = await start();
    edits.addPoint(HERE);
    store.set({ view: "uncertainty" });
    const asked = [last(opened.askedColors), last(opened.askedSuggestions), last(opened.askedUncertainty)] as const;
    const photograph = next && { opened: next, name: "next.jpg", gray: await next.gray() };
    store.set({ photograph, history: beginHistory(EMPTY), selected: null, uncolored: new Set(), view: "result" });
    expect(asked.map(({ signal }) => signal?.aborted)).toEqual([true, true, true]);
    await asked[0].answer(gridOf(7));
    await asked[2].answer({ width: 1, height: 1, values: new Float32Array(1) });
    expect([store.state.colors, store.state.uncertainty]).toEqual([null, null]);
  }
});
