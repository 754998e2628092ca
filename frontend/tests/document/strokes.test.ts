import { expect, test } from "vitest";
import { distance, MOST_HINTS_A_STROKE, strokeHints } from "../../src/document/strokes";

const SIZE = { width: 2000, height: 1000 };
const BRUSH = { color: "#336699", radius: 0.01 };

test("a tap is one hint", () => {
  expect(strokeHints([{ x: 0.5, y: 0.5 }], SIZE, BRUSH)).toEqual([{ x: 0.5, y: 0.5, ...BRUSH }]);
});

test("a pointer that stands still makes one hint", () => {
  const path = Array.from({ length: 50 }, () => ({ x: 0.5, y: 0.5 }));
  expect(strokeHints(path, SIZE, BRUSH)).toHaveLength(1);
});

test("hints lie two radii apart, from the first place to the last", () => {
  const hints = strokeHints(
    [
      { x: 0.1, y: 0.1 },
      { x: 0.2, y: 0.1 },
    ],
    SIZE,
    BRUSH,
  );
  expect(hints.map(({ x }) => x)).toEqual([0.1, 0.12, 0.14, 0.16, 0.18, 0.2].map((x) => expect.closeTo(x, 9)));
});

test("along a bend they keep their distance, in pixels and not in fractions", () => {
  const hints = strokeHints(
    [
      { x: 0.1, y: 0.1 },
      { x: 0.2, y: 0.1 },
      { x: 0.2, y: 0.3 },
    ],
    SIZE,
    BRUSH,
  );
  expect(hints).toHaveLength(11);
  for (const [i, hint] of hints.slice(1).entries()) {
    expect(distance(hints[i] ?? hint, hint, SIZE)).toBeCloseTo(40, 6);
  }
});

test("a long stroke has its hints further apart, not more of them", () => {
  const path = Array.from({ length: 200 }, (_, i) => ({ x: (i % 2) * 0.9, y: i / 200 }));
  const hints = strokeHints(path, SIZE, BRUSH);
  expect(hints).toHaveLength(MOST_HINTS_A_STROKE);
  expect(hints.at(-1)).toMatchObject({ x: expect.closeTo(0.9, 9), y: expect.closeTo(199 / 200, 9) });
});
