/** Rows of a picture from a field of colour and the picture's gray. */

import { LIGHTNESS_OF_GRAY } from "../color/lab";
import { blendRow, type ColorField, type Taps } from "./blend";
import type { GrayPicture } from "./contract";
import { paintRow } from "./pixels";

/** What is done to colours after the network. */
export interface Adjustments {
  /** Factor of chroma, not negative. */
  readonly saturation: number;
  /** Added to b after that, in Lab units. */
  readonly temperature: number;
}

/** Adjust the few cells instead of the many pixels: as a blend's weights sum to 1, it is the same. */
export function adjusted(field: ColorField, { saturation, temperature }: Adjustments): ColorField {
  return {
    ...field,
    a: field.a.map((value) => value * saturation),
    b: field.b.map((value) => value * saturation + temperature),
  };
}

/**
 * Paint pixels, whose lightness their gray tells.
 *
 * @param down - The rows of `gray` between the field's cells, and `across` its columns.
 * @param pixels - Where they go: RGBA as one little-endian number a pixel.
 * @param flat - A gray value to show all colours at, instead of each pixel's own.
 */
export function paintColors(
  field: ColorField,
  down: Taps,
  across: Taps,
  gray: GrayPicture,
  pixels: Uint32Array,
  flat?: number,
): void {
  const { width, height } = gray;
  const flatRow = flat === undefined ? undefined : new Uint8ClampedArray(width).fill(flat);
  const lightness = new Float32Array(width);
  const a = new Float32Array(width);
  const b = new Float32Array(width);
  for (let row = 0; row < height; row++) {
    const [start, end] = [row * width, (row + 1) * width];
    const own = gray.pixels.subarray(start, end);
    lightnessOf(own, lightness);
    blendRow(field, down, row, across, lightness, a, b);
    paintRow(flatRow ?? own, a, b, pixels.subarray(start, end));
  }
}

/** Look up CIE L* of gray values, into `lightness`. */
export function lightnessOf(gray: Uint8ClampedArray, lightness: Float32Array): Float32Array {
  const table = LIGHTNESS_OF_GRAY;
  for (let i = 0; i < gray.length; i++) {
    lightness[i] = table[gray[i] as number] as number;
  }
  return lightness;
}
