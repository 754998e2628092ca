import { expect, test } from "vitest";
import { inPane, panesOf } from "../../src/canvas/panes";

const WIDE = { width: 1000, height: 600 };

test("split shows both over the whole canvas, each on its side of the divider", () => {
  const { panes, size } = panesOf("split", WIDE, 0.3);
  expect(size).toEqual(WIDE);
  expect(panes.map(({ mode, left, clipLeft, clipRight }) => [mode, left, clipLeft, clipRight])).toEqual([
    ["original", 0, 0, 300],
    ["result", 0, 300, 1000],
  ]);
});

test("side by side is one above the other where the canvas is tall", () => {
  expect(panesOf("beside", WIDE, 0.5).panes.map(({ left, top }) => [left, top])).toEqual([
    [0, 0],
    [500, 0],
  ]);
  expect(panesOf("beside", { width: 400, height: 600 }, 0.5).panes.map(({ left, top }) => [left, top])).toEqual([
    [0, 0],
    [0, 300],
  ]);
});

test("a point of either pane is the same place of the photograph", () => {
  const panes = panesOf("beside", WIDE, 0.5);
  expect(inPane(panes, { x: 120, y: 80 })).toEqual({ x: 120, y: 80 });
  expect(inPane(panes, { x: 620, y: 80 })).toEqual({ x: 120, y: 80 });
});
