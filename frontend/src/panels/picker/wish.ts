/** The colour that a person wishes for a pixel: a and b, whatever the pixel's lightness can hold of it. */

import { fitGamut, heldLightness } from "../../color/gamut";
import { hexToLab, labToHex } from "../../color/hex";
import type { Triple } from "../../color/lab";

export interface Wish {
  readonly a: number;
  readonly b: number;
}

/** Largest |a| and |b| that can be wished: all of sRGB lies within. */
export const LARGEST = 110;

export function wishOf(color: string | null): Wish {
  if (color === null) {
    return { a: 0, b: 0 };
  }
  const [, a, b] = hexToLab(color);
  return { a, b };
}

/**
 * A wish as the colour "#rrggbb" of a hint, of which only a and b count.
 *
 * Its lightness is the pixel's, or where sRGB cannot hold the wish there, the nearest at which it can, so that the wish
 * is kept for a pixel of another lightness. A wish that no lightness can hold gives up as little chroma as possible.
 */
export function wishHex({ a, b }: Wish, lightness: number): string {
  return labToHex([heldLightness(lightness, a, b), a, b]);
}

/** The colour that a pixel shows for a wish: as much of its chroma as sRGB holds at the pixel's lightness. */
export function shownColor({ a, b }: Wish, lightness: number): Triple {
  return fitGamut([lightness, a, b]);
}
