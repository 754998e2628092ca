/** The lightness of colours: as neutral gray, as `photochrom.images.lightness` has it but of 8 bits, and as CIE L*. */

import { labF, linearToSrgb, srgbToLinear, XYZ_FROM_RGB } from "../../color/lab";

/** Luminances that the tables tell apart: enough to place a gray value to within 0.05 of a step, L* to 0.01. */
const LUMINANCES = 1 << 16;
const GRAY = Uint8Array.from({ length: LUMINANCES + 1 }, (_, step) =>
  Math.round(linearToSrgb(step / LUMINANCES) * 255),
);
const LIGHTNESS = Float32Array.from({ length: LUMINANCES + 1 }, (_, step) => 116 * labF(step / LUMINANCES) - 16);
const [RED, GREEN, BLUE] = XYZ_FROM_RGB[1].map((share) =>
  Float64Array.from({ length: 256 }, (_, value) => share * srgbToLinear(value / 255) * LUMINANCES),
) as [Float64Array, Float64Array, Float64Array];

/**
 * Write the lightness of pixels.
 *
 * @param rgba - Red, green, blue and opacity of each pixel.
 * @param gray - Where the gray goes: that of a neutral pixel is its own. Of colours it loses a part to rounding.
 * @param lightness - Where L* goes, unrounded.
 */
export function writeLightness(rgba: Uint8ClampedArray, gray: Uint8ClampedArray, lightness: Float32Array): void {
  for (let i = 0; i < gray.length; i++) {
    const red = RED[rgba[4 * i] as number] as number;
    const green = GREEN[rgba[4 * i + 1] as number] as number;
    const blue = BLUE[rgba[4 * i + 2] as number] as number;
    const luminance = Math.round(red + green + blue);
    gray[i] = GRAY[luminance] as number;
    lightness[i] = LIGHTNESS[luminance] as number;
  }
}
