/** What a place of the photograph shows. */

import { hexToLab, labToHex } from "../color/hex";
import { LIGHTNESS_OF_GRAY } from "../color/lab";
import type { Place } from "../engine/engine";
import type { Decode, GrayPicture } from "../render/contract";
import type { Colors } from "./state";

/** L at a place. */
export function lightnessAt({ width, height, pixels }: GrayPicture, { x, y }: Place): number {
  return LIGHTNESS_OF_GRAY[pixels[cellAt(width, height, x, y)] ?? 0] ?? 0;
}

/** What the pixel under a hint shows of the hint's colour: as much as sRGB holds at its lightness. */
export function shownColor(gray: GrayPicture, place: Place, color: string | null): string {
  const lightness = lightnessAt(gray, place);
  const [, a, b] = color === null ? [0, 0, 0] : hexToLab(color);
  return labToHex([lightness, a, b]);
}

/** The network's colour at a place, at the lightness there. */
export function predictedColor(gray: GrayPicture, { grid }: Colors, place: Place, decode: Decode): string {
  const cell = cellAt(grid.width, grid.height, place.x, place.y);
  const [a, b] = decode === "vivid" ? [grid.vividA, grid.vividB] : [grid.accurateA, grid.accurateB];
  return labToHex([lightnessAt(gray, place), a[cell] ?? 0, b[cell] ?? 0]);
}

function cellAt(width: number, height: number, x: number, y: number): number {
  const column = Math.min(Math.max(Math.floor(x * width), 0), width - 1);
  const row = Math.min(Math.max(Math.floor(y * height), 0), height - 1);
  return row * width + column;
}
