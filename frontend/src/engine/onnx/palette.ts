/** The palette of a picture, as the 2017 paper's global hints: the port of `Reference.from_picture`. */

import { AB_BINS, nearestBin } from "../../color/bins";
import { srgbToLab } from "../../color/lab";
import type { Palette } from "../engine";

/** The picture is reduced to this side, and its a and b are averaged over blocks of this many pixels. */
export const PALETTE_SIDE = 256;
const BLOCK = 4;

/** Planes of red, green and blue, 0 to 255, each of `PALETTE_SIDE` squared. */
export type Channels = readonly [Float32Array, Float32Array, Float32Array];

export function paletteOf(channels: Channels): Palette {
  const side = PALETTE_SIDE / BLOCK;
  const a = new Float64Array(side * side);
  const b = new Float64Array(side * side);
  let saturation = 0;
  const pixels = PALETTE_SIDE ** 2;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [red, green, blue] = [0, 1, 2].map((c) => (channels[c]?.[pixel] as number) / 255) as [number, number, number];
    const lab = srgbToLab([red, green, blue]);
    const cell = Math.floor(pixel / PALETTE_SIDE / BLOCK) * side + Math.floor((pixel % PALETTE_SIDE) / BLOCK);
    a[cell] = (a[cell] as number) + lab[1] / BLOCK ** 2;
    b[cell] = (b[cell] as number) + lab[2] / BLOCK ** 2;
    const top = Math.max(red, green, blue);
    saturation += top > 0 ? (top - Math.min(red, green, blue)) / top / pixels : 0;
  }
  const histogram = AB_BINS.map(() => 0);
  a.forEach((value, cell) => {
    const bin = nearestBin(value, b[cell] as number);
    histogram[bin] = (histogram[bin] as number) + 1;
  });
  return { histogram: histogram.map((count) => Math.fround(count / a.length)), saturation: Math.fround(saturation) };
}
