/**
 * How long an edit takes to be seen, and how long a setting alone: `npx vitest bench --run`.
 *
 * A photograph of 12 megapixels on a canvas of 1280 x 800, whole and at 100 %, with ten hints.
 */

import { bench, describe } from "vitest";
import type { ColorGrid, GrayPicture, Hint, Size, View } from "../../src/render/contract";
import { levelSize, Picture } from "../../src/render/picture";

const PHOTOGRAPH = { width: 4000, height: 3000 };
const CANVAS = { width: 1280, height: 800 };

/** Stripes, slopes and grain, in place of a photograph. */
function scene({ width, height }: Size): GrayPicture {
  const pixels = Uint8ClampedArray.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    return 128 + 70 * Math.sin(9 * x + 4 * y) + (Math.sin(40 * x * y) > 0 ? 30 : -30) + ((i * 7919) % 17) - 8;
  });
  return { width, height, pixels };
}

function colors(width: number, height: number): ColorGrid {
  const wave = (rate: number) => Float32Array.from({ length: width * height }, (_, i) => 30 * Math.sin(i * rate));
  const [accurateA, accurateB, vividA, vividB] = [wave(0.02), wave(0.03), wave(0.05), wave(0.07)];
  return { width, height, accurateA, accurateB, vividA, vividB };
}

const hints: Hint[] = Array.from({ length: 10 }, (_, i) => ({ x: i / 10, y: i / 10, color: "#b5651d", radius: 0.02 }));
const picture = new Picture(PHOTOGRAPH, scene(levelSize(PHOTOGRAPH)));
const grid = colors(64, 48);
picture.setGrid(grid, hints);

function view(size: Size, right: number, bottom: number, saturation: number): View {
  const rectangle = { left: 0, top: 0, right, bottom };
  return { ...scene(size), rectangle, decode: "vivid", saturation, temperature: 0, mode: "result" };
}

const views: [string, View][] = [
  ["the whole photograph", view({ width: 1066, height: 800 }, PHOTOGRAPH.width, PHOTOGRAPH.height, 1)],
  ["a part at 100 %", view(CANVAS, CANVAS.width, CANVAS.height, 1)],
  ["a part at 100 %, half of it out of gamut", view(CANVAS, CANVAS.width, CANVAS.height, 3)],
];

describe.each(views)("%s", (_, shown) => {
  bench("another saturation", () => {
    picture.paint(shown);
  });
  bench("an edit", () => {
    picture.setGrid(grid, hints);
    picture.paint(shown);
  });
});
