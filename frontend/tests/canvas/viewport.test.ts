import { expect, test } from "vitest";
import {
  fitted,
  pan,
  partSize,
  reveal,
  toPlace,
  toScreen,
  visiblePart,
  zoomAt,
  zoomTo,
} from "../../src/canvas/viewport";

const PHOTOGRAPH = { width: 4000, height: 3000 };
const PANE = { width: 900, height: 700 };
const FIT = fitted(PHOTOGRAPH, PANE);

test("a photograph that fits is whole and in the middle", () => {
  const [topLeft, bottomRight] = [toScreen(FIT, PHOTOGRAPH, { x: 0, y: 0 }), toScreen(FIT, PHOTOGRAPH, { x: 1, y: 1 })];
  expect(topLeft.x).toBeGreaterThanOrEqual(0);
  expect(topLeft.y).toBeGreaterThanOrEqual(0);
  expect(topLeft.x + bottomRight.x).toBeCloseTo(PANE.width, 9);
  expect(topLeft.y + bottomRight.y).toBeCloseTo(PANE.height, 9);
  expect(visiblePart(FIT, PHOTOGRAPH, PANE)).toEqual({ left: 0, top: 0, right: 4000, bottom: 3000 });
});

test("zooming leaves the place under the pointer where it is", () => {
  const point = { x: 500, y: 300 };
  const before = toPlace(FIT, PHOTOGRAPH, point);
  const after = toPlace(zoomAt(FIT, PHOTOGRAPH, PANE, point, 3.7), PHOTOGRAPH, point);
  expect(after.x).toBeCloseTo(before.x, 9);
  expect(after.y).toBeCloseTo(before.y, 9);
});

test("zooming out ends where the photograph fits", () => {
  const out = zoomAt(FIT, PHOTOGRAPH, PANE, { x: 0, y: 0 }, 1e-6);
  expect(out.scale).toBe(FIT.scale);
});

test("screen and place are each other's inverse", () => {
  const zoomed = zoomTo(FIT, PHOTOGRAPH, PANE, { x: 10, y: 650 }, 2);
  const place = { x: 0.123, y: 0.456 };
  const back = toPlace(zoomed, PHOTOGRAPH, toScreen(zoomed, PHOTOGRAPH, place));
  expect(back.x).toBeCloseTo(place.x, 12);
  expect(back.y).toBeCloseTo(place.y, 12);
});

test("however far one pans, some of the photograph stays in sight", () => {
  const close = zoomTo(FIT, PHOTOGRAPH, PANE, { x: 450, y: 350 }, 1);
  for (const [dx, dy] of [
    [1e6, 1e6],
    [-1e6, -1e6],
    [1e6, -1e6],
  ] as const) {
    expect(visiblePart(pan(close, PHOTOGRAPH, PANE, dx, dy), PHOTOGRAPH, PANE)).not.toBeNull();
  }
});

test("a place out of sight comes into sight, one in sight moves nothing", () => {
  const close = zoomTo(FIT, PHOTOGRAPH, PANE, { x: 450, y: 350 }, 1);
  const shown = toScreen(reveal(close, PHOTOGRAPH, PANE, { x: 0.02, y: 0.97 }), PHOTOGRAPH, { x: 0.02, y: 0.97 });
  expect(shown.x).toBeGreaterThan(0);
  expect(shown.y).toBeLessThan(PANE.height);
  expect(reveal(close, PHOTOGRAPH, PANE, { x: 0.5, y: 0.5 })).toEqual(close);
});

test("parts are fetched at the device's resolution, never enlarged, never beyond the most", () => {
  const part = { left: 0, top: 0, right: 4000, bottom: 3000 };
  expect(partSize(part, 0.5, 4096)).toEqual({ width: 2000, height: 1500 });
  expect(partSize(part, 2, 4096)).toEqual({ width: 4000, height: 3000 });
  expect(partSize({ left: 0, top: 0, right: 9000, bottom: 10 }, 1, 4096)).toEqual({ width: 4096, height: 5 });
  expect(partSize({ left: 0, top: 0, right: 10000, bottom: 1 }, 0.1, 4096)).toEqual({ width: 1000, height: 1 });
});
