import { expect, test } from "vitest";
import { hintsOf } from "../../src/document/document";
import { marksOf } from "../../src/document/session";
import { Edits } from "../../src/studio/edits";
import { presentDocument, selectedMark } from "../../src/studio/state";
import { openPage } from "./fake";

const HERE = { x: 0.5, y: 0.5 };

async function start() {
  const { store } = await openPage();
  return { store, edits: new Edits(store), marks: () => presentDocument(store.state).marks };
}

test("a new mark is the selected one, and deleting it selects its neighbour", async () => {
  const { store, edits, marks } = await start();
  for (const x of [0.1, 0.2, 0.3]) {
    edits.addNeutral({ x, y: 0.5 });
  }
  expect(selectedMark(store.state)).toBe(marks()[2]);
  edits.select(2);
  edits.remove(2);
  expect(selectedMark(store.state)?.hints[0]?.x).toBe(0.3);
});

test("a stroke is one mark, undone as one", async () => {
  const { store, edits, marks } = await start();
  const path = [
    { x: 0.1, y: 0.1 },
    { x: 0.5, y: 0.1 },
  ];
  store.set({ path });
  edits.endStroke();
  expect(marks()).toHaveLength(1);
  expect(hintsOf(marks()).length).toBeGreaterThan(5);
  edits.undo();
  expect(marks()).toEqual([]);
});

test("a colour dragged in the picker is one step", async () => {
  const { edits, marks } = await start();
  edits.addNeutral(HERE);
  edits.color("#111111", false);
  edits.color("#222222", false);
  edits.color("#333333", true);
  edits.color("#444444", true);
  edits.undo();
  expect(marks()[0]?.hints[0]?.color).toBe("#333333");
  edits.undo();
  expect(marks()[0]?.hints[0]?.color).toBeNull();
});

test("with a colour of one's own, new marks have it at once", async () => {
  const { store, edits, marks } = await start();
  edits.brush("#336699");
  edits.addPoint(HERE);
  expect(marks()[0]?.hints[0]?.color).toBe("#336699");
  expect(store.state.uncolored.size).toBe(0);
});

test("more hints than the engine takes are refused, and nothing is lost", async () => {
  const { store, edits, marks } = await start();
  store.set({ limits: { bytes: 1, pixels: 1, hints: 2 } });
  for (const x of [0.1, 0.2, 0.3]) {
    edits.addNeutral({ x, y: 0.5 });
  }
  expect(marks()).toHaveLength(2);
  expect(store.state.notices[0]?.words).toContain("no more than 2 hints");
});

test("a variant keeps the person's marks and is one step", async () => {
  const { edits, marks } = await start();
  edits.addNeutral(HERE);
  const [own] = marks();
  const drawn = { x: 0.1, y: 0.1, color: "#b5651d", radius: 0.01 };
  edits.useVariant([...hintsOf(marks()), drawn, { ...drawn, x: 0.2 }]);
  expect(marks()[0]).toBe(own);
  expect(marks()).toHaveLength(3);
  edits.undo();
  expect(marks()).toEqual([own]);
});

test("the marks of an opened session are none of those before it", async () => {
  const { store, edits, marks } = await start();
  edits.addNeutral(HERE);
  edits.replace(
    { ...presentDocument(store.state), marks: marksOf([{ ...HERE, color: null, radius: 0.01 }], null) },
    "",
  );
  expect(marks().map(({ id }) => id)).toEqual([2]);
});

test("recent colours are kept once each, the last one first", async () => {
  const { store, edits } = await start();
  edits.addNeutral(HERE);
  for (const color of ["#111111", "#222222", "#111111"]) {
    edits.color(color, true);
  }
  expect(store.state.recent).toEqual(["#111111", "#222222"]);
});

test("undo leaves the selected mark selected while it exists", async () => {
  const { store, edits } = await start();
  edits.addNeutral(HERE);
  edits.color("#111111", true);
  edits.undo();
  expect(store.state.selected).toBe(1);
  edits.undo();
  expect(store.state.selected).toBeNull();
});

test("a mark that is moved to a place is there, and clicks are clicks again", async () => {
  const { store, edits, marks } = await start();
  edits.addNeutral(HERE);
  store.set({ placing: true });
  edits.moveTo(1, { x: 0.25, y: 0.75 });
  expect(marks()[0]?.hints[0]).toMatchObject({ x: expect.closeTo(0.25, 12), y: expect.closeTo(0.75, 12) });
  expect(store.state.placing).toBe(false);
});
