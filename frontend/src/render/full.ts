/**
 * The whole photograph in colour at its own size, in strips: what `photochrom.render` makes of 8 bits, pixel for pixel.
 *
 * It keeps the gray, one byte a pixel, and the level between, 1.5 megapixels; the coloured strips are the caller's.
 */

import { LIGHTNESS_OF_GRAY } from "../color/lab";
import { type ColorField, tapsBetween } from "./blend";
import type { GrayPicture, Hint } from "./contract";
import { blockLightness } from "./lightness";
import { type Adjustments, adjusted, paintColors } from "./paint";
import { hintPins, lastOfEachPixel, type Pin, type PinnedPixel, pinned } from "./pins";
import { type ColorPlanes, colorField, levelBlock, levelField, prepareUpsampling } from "./upsample";

/** Paints rows from `top` to before `bottom` as RGBA. */
export type StripPainter = (top: number, bottom: number) => Uint8ClampedArray<ArrayBuffer>;

/**
 * Get ready to paint a photograph.
 *
 * @param gray - The photograph at its own size.
 * @param colors - The network's colours, of the decode to use.
 * @param hints - Those from which the network made them.
 */
export function openFullSize(
  gray: GrayPicture,
  colors: ColorPlanes,
  hints: readonly Hint[],
  adjustments: Adjustments,
): StripPainter {
  const pixels = hintPins(hints, colors).map((pin) => pixelUnder(gray, pin));
  const field = adjusted(pinned(fieldOver(gray, colors), lastOfEachPixel(pixels)), adjustments);
  const across = tapsBetween(gray.width, 0, 1 / gray.width, field.across);
  return (top, bottom) => {
    const height = bottom - top;
    const strip = { width: gray.width, height, pixels: gray.pixels.subarray(top * gray.width, bottom * gray.width) };
    const down = tapsBetween(height, top / gray.height, 1 / gray.height, field.down);
    const painted = new Uint32Array(gray.width * height);
    paintColors(field, down, across, strip, painted);
    return new Uint8ClampedArray(painted.buffer);
  };
}

/** The colours from which the pixels are blended: by way of block means where the photograph is large. */
function fieldOver(gray: GrayPicture, colors: ColorPlanes): ColorField {
  const block = levelBlock(gray);
  const lightness = blockLightness(gray, { width: block, height: block });
  const extent = { width: gray.width / block, height: gray.height / block };
  const fine = colorField(prepareUpsampling(lightness, colors, extent), colors);
  if (block === 1) {
    return fine;
  }
  const down = { cells: extent.height, first: 0, held: lightness.height };
  const across = { cells: extent.width, first: 0, held: lightness.width };
  return levelField(fine, lightness.values, down, across);
}

function pixelUnder({ width, height, pixels }: GrayPicture, pin: Pin): PinnedPixel {
  const column = Math.floor(Math.min(pin.x * width, width - 1));
  const row = Math.floor(Math.min(pin.y * height, height - 1));
  const lightness = LIGHTNESS_OF_GRAY[pixels[row * width + column] as number] as number;
  return { ...pin, x: (column + 0.5) / width, y: (row + 0.5) / height, lightness };
}
