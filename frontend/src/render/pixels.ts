/**
 * From gray values and ab to the bytes of sRGB, with lightness kept: the port of `photochrom.pixels` for 8 bits.
 *
 * What CIELAB needs of a gray value is looked up. Linear light becomes sRGB by a table in equal steps of 2 ** -16, which
 * place a byte to within 0.05 of a step.
 */

import { DELTA, labF, linearToSrgb, RGB_FROM_XYZ, srgbToLinear, XYZ_FROM_RGB } from "../color/lab";

// The white of the matrix itself rather than D65 in five digits: neutral colours then give exactly R = G = B.
const WHITE_X = XYZ_FROM_RGB[0][0] + XYZ_FROM_RGB[0][1] + XYZ_FROM_RGB[0][2];
const WHITE_Z = XYZ_FROM_RGB[2][0] + XYZ_FROM_RGB[2][1] + XYZ_FROM_RGB[2][2];
// Linear red is Y + RED_X (X / Xn - Y) + RED_Z (Z / Zn - Y), and so the others.
const RED_X = RGB_FROM_XYZ[0][0] * WHITE_X;
const RED_Z = RGB_FROM_XYZ[0][2] * WHITE_Z;
const GREEN_X = RGB_FROM_XYZ[1][0] * WHITE_X;
const GREEN_Z = RGB_FROM_XYZ[1][2] * WHITE_Z;
const BLUE_X = RGB_FROM_XYZ[2][0] * WHITE_X;
const BLUE_Z = RGB_FROM_XYZ[2][2] * WHITE_Z;

/** Linear light outside of 0 to 1 by less than this is the noise of rounding, not a colour out of gamut. */
const TOLERANCE = 2e-6;
/** CIELAB's f is a cube root from here on, and below it a line. */
const CUBE_FROM = DELTA;
const TANGENT = 3 * DELTA ** 2;
/** Steps f(Y) to f(X) by a, and to f(Z) by b. */
const TO_X = 1 / 500;
const TO_Z = -1 / 200;

/** In how many directions the border of the gamut is known: about one for each unit of ab at its largest. */
const DIRECTIONS = 512;
/** No colour of sRGB has a larger |a| + |b|, and less than the other nobody sees. */
const FARTHEST = 256;
const MOST_NARROW = 0.004;
const NARROWNESS: (Float32Array | undefined)[] = new Array(256);

const LUMINANCE = Float64Array.from({ length: 256 }, (_, gray) => srgbToLinear(gray / 255));
const F = LUMINANCE.map(labF);

const CURVE_STEPS = 1 << 16;
/** Entries before 0 and after 1, for light that the fit into the gamut left a little outside. */
const CURVE_GUARD = CURVE_STEPS / 8;
/** sRGB bytes of linear light, in the middle of each step. */
const CURVE = Uint8Array.from({ length: CURVE_STEPS + 2 * CURVE_GUARD }, (_, entry) => {
  const linear = (entry - CURVE_GUARD + 0.5) / CURVE_STEPS;
  return Math.round(linearToSrgb(Math.min(Math.max(linear, 0), 1)) * 255);
});

const OPAQUE = 0xff000000;

/**
 * Write a row of pixels.
 *
 * @param gray - The row's gray values, 0 to 255: they alone set the lightness.
 * @param a - Colours; those out of gamut give up chroma. And in the same way b.
 * @param pixels - Where the row goes: RGBA as one little-endian number a pixel.
 */
export function paintRow(gray: Uint8ClampedArray, a: Float32Array, b: Float32Array, pixels: Uint32Array): void {
  for (let i = 0; i < gray.length; i++) {
    const value = gray[i] as number;
    const f = F[value] as number;
    const luminance = LUMINANCE[value] as number;
    let x = cube(f + (a[i] as number) * TO_X) - luminance;
    let z = cube(f + (b[i] as number) * TO_Z) - luminance;
    let red = luminance + RED_X * x + RED_Z * z;
    let green = luminance + GREEN_X * x + GREEN_Z * z;
    let blue = luminance + BLUE_X * x + BLUE_Z * z;
    if (!(holds(red) && holds(green) && holds(blue))) {
      const scale = gamutScale(value, a[i] as number, b[i] as number);
      x = cube(f + (a[i] as number) * scale * TO_X) - luminance;
      z = cube(f + (b[i] as number) * scale * TO_Z) - luminance;
      red = luminance + RED_X * x + RED_Z * z;
      green = luminance + GREEN_X * x + GREEN_Z * z;
      blue = luminance + BLUE_X * x + BLUE_Z * z;
    }
    pixels[i] = OPAQUE | (byteOf(blue) << 16) | (byteOf(green) << 8) | byteOf(red);
  }
}

/** Write a row of the photograph itself. */
export function paintGrayRow(gray: Uint8ClampedArray, pixels: Uint32Array): void {
  for (let i = 0; i < gray.length; i++) {
    pixels[i] = OPAQUE | ((gray[i] as number) * 0x010101);
  }
}

/** Invert CIELAB's f: the cube, and below DELTA the tangent there. */
function cube(f: number): number {
  return f > CUBE_FROM ? f * f * f : TANGENT * (f - 4 / 29);
}

/** Whether linear light is one that sRGB holds. */
function holds(linear: number): boolean {
  return linear >= -TOLERANCE && linear <= 1 + TOLERANCE;
}

function byteOf(linear: number): number {
  return CURVE[(linear * CURVE_STEPS + CURVE_GUARD) | 0] as number;
}

/** By how much a colour out of gamut must be drawn towards neutral, in 0 to 1. */
function gamutScale(gray: number, a: number, b: number): number {
  const reach = Math.abs(a) + Math.abs(b);
  const along = a / reach;
  // The quadrants' corners lie at 0 (a > 0), 1 (b > 0), 2 and 3 quarters of the way around.
  const quarters = b >= 0 ? 1 - along : 3 + along;
  const position = quarters * (DIRECTIONS / 4);
  const before = Math.min(position | 0, DIRECTIONS - 1);
  const share = position - before;
  const narrowness = gamutNarrowness(gray);
  return 1 / (reach * ((narrowness[before] as number) * (1 - share) + (narrowness[before + 1] as number) * share));
}

/**
 * One over the largest |a| + |b| inside of the gamut at a gray value, by direction: evenly around the square of
 * |a| + |b| = 1, from a > 0 by b > 0, the first once more at the end. So a straight border of the gamut is a straight line
 * of this table, and between its entries nearly nothing is lost.
 */
function gamutNarrowness(gray: number): Float32Array {
  const known = NARROWNESS[gray];
  if (known) {
    return known;
  }
  const table = new Float32Array(DIRECTIONS + 1);
  for (let direction = 0; direction <= DIRECTIONS; direction++) {
    const quarters = (direction * 4) / DIRECTIONS;
    const a = Math.abs(2 - quarters) - 1;
    const b = 1 - Math.abs(quarters - 1);
    table[direction] = 1 / largestReach(gray, a, quarters <= 2 ? b : Math.abs(quarters - 3) - 1);
  }
  NARROWNESS[gray] = table;
  return table;
}

/** How far a direction stays inside of the gamut, from below. */
function largestReach(gray: number, a: number, b: number): number {
  const f = F[gray] as number;
  const luminance = LUMINANCE[gray] as number;
  let inside = MOST_NARROW;
  for (let step = FARTHEST / 2; step > MOST_NARROW; step /= 2) {
    const x = cube(f + a * (inside + step) * TO_X) - luminance;
    const z = cube(f + b * (inside + step) * TO_Z) - luminance;
    if (
      holds(luminance + RED_X * x + RED_Z * z) &&
      holds(luminance + GREEN_X * x + GREEN_Z * z) &&
      holds(luminance + BLUE_X * x + BLUE_Z * z)
    ) {
      inside += step;
    }
  }
  return inside;
}
