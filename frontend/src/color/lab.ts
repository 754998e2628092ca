/**
 * sRGB and CIELAB, as `photochrom.color` has them: sRGB is IEC 61966-2-1, CIELAB is CIE 15 with the D65 white of the
 * 2-degree observer. L is in 0 to 100, a and b are about -128 to 127.
 */

/** Three numbers: red, green and blue in 0 to 1, or L, a and b. */
export type Triple = readonly [number, number, number];
export type Matrix = readonly [Triple, Triple, Triple];

/** Linear sRGB to XYZ, in the six digits that the Python side and most software use. */
export const XYZ_FROM_RGB: Matrix = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
export const RGB_FROM_XYZ = inverse(XYZ_FROM_RGB);
const WHITE: Triple = [0.95047, 1, 1.08883];

/** CIE 15: f(t) is the cube root above DELTA ** 3 and the tangent there below it. */
export const DELTA = 6 / 29;
const SLOPE = 1 / (3 * DELTA ** 2);
const OFFSET = 4 / 29;

/** Decode an sRGB value (0 to 1) to linear light; negative values stay linear. */
export function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Encode linear light (0 to 1) as an sRGB value, not clipped. */
export function linearToSrgb(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

export function srgbToLab(rgb: Triple): Triple {
  const xyz = product(XYZ_FROM_RGB, [srgbToLinear(rgb[0]), srgbToLinear(rgb[1]), srgbToLinear(rgb[2])]);
  const x = labF(xyz[0] / WHITE[0]);
  const y = labF(xyz[1] / WHITE[1]);
  const z = labF(xyz[2] / WHITE[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Linear red, green and blue of a colour; those outside of the gamut leave 0 to 1. */
export function labToLinear([lightness, a, b]: Triple): Triple {
  const y = (lightness + 16) / 116;
  return product(RGB_FROM_XYZ, [
    WHITE[0] * labFInverse(y + a / 500),
    WHITE[1] * labFInverse(y),
    WHITE[2] * labFInverse(y - b / 200),
  ]);
}

/** sRGB values of a colour; those outside of the gamut leave 0 to 1: nothing is clipped. */
export function labToSrgb(lab: Triple): Triple {
  const [red, green, blue] = labToLinear(lab);
  return [linearToSrgb(red), linearToSrgb(green), linearToSrgb(blue)];
}

/** CIE L* of a neutral gray, sRGB-encoded in 0 to 1. */
export function grayToLightness(gray: number): number {
  return 116 * labF(srgbToLinear(gray)) - 16;
}

/** CIE L* of the gray values 0 to 255. */
export const LIGHTNESS_OF_GRAY: Float32Array = Float32Array.from({ length: 256 }, (_, gray) =>
  grayToLightness(gray / 255),
);

/** CIELAB's f of t = X / Xn and the like. */
export function labF(t: number): number {
  return t > DELTA ** 3 ? Math.cbrt(t) : SLOPE * t + OFFSET;
}

function labFInverse(f: number): number {
  return f > DELTA ? f * f * f : (f - OFFSET) / SLOPE;
}

function product(matrix: Matrix, vector: Triple): Triple {
  return [dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)];
}

function dot(p: Triple, q: Triple): number {
  return p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
}

function cross(p: Triple, q: Triple): Triple {
  return [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
}

/** The inverse by cofactors: its columns are the cross products of the rows, over the determinant. */
function inverse([p, q, r]: Matrix): Matrix {
  const columns = [cross(q, r), cross(r, p), cross(p, q)] as const;
  const determinant = dot(p, columns[0]);
  const row = (i: 0 | 1 | 2): Triple => [
    columns[0][i] / determinant,
    columns[1][i] / determinant,
    columns[2][i] / determinant,
  ];
  return [row(0), row(1), row(2)];
}
