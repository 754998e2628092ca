/**
 * The step of joint bilateral upsampling (Kopf et al. 2007) that `photochrom.upsample` is made of: a pixel takes the
 * colour of the four coarse cells around it, those of a lightness like its own counting more.
 */

/**
 * Lightness difference at which a cell's say in a pixel's colour halves. The weight 1 / (1 + (d / 10) ** 2) has no
 * cut-off: where no cell is like the pixel, all are about equally unlike, and the blend falls back to bilinear.
 */
export const RANGE = 10;

/** One axis of a field: the cells of which the photograph's whole side has `cells`, and the field `held` ones. */
export interface Axis {
  readonly cells: number;
  readonly first: number;
  readonly held: number;
}

/** Colour on even cells of the photograph, and the lightness that tells to which pixels it belongs. */
export interface ColorField {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly lightness: Float32Array;
  readonly down: Axis;
  readonly across: Axis;
}

/** For successive pixels along an axis: the two cells around each, and the share of the second. */
export interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/** An axis that is held whole. */
export function wholeAxis(cells: number): Axis {
  return { cells, first: 0, held: cells };
}

/**
 * Place pixels between cells along one axis.
 *
 * @param count - How many pixels.
 * @param start - Where the first one begins, as a fraction of the photograph's side.
 * @param step - How wide each is, as a fraction of the photograph's side.
 */
export function tapsBetween(count: number, start: number, step: number, axis: Axis): Taps {
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const share = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const position = (start + (i + 0.5) * step) * axis.cells - 0.5;
    const below = Math.floor(position);
    first[i] = heldCell(below, axis);
    second[i] = heldCell(below + 1, axis);
    share[i] = position - below;
  }
  return { first, second, share };
}

function heldCell(cell: number, { first, held }: Axis): number {
  return Math.min(Math.max(cell - first, 0), held - 1);
}

/**
 * Blend one row of pixels.
 *
 * @param down - All rows of pixels, of which `row` is the one to blend; `across` its columns.
 * @param pixelLightness - CIE L* of the row's pixels.
 * @param a - Where the row's a goes, and in the same way b.
 */
export function blendRow(
  field: ColorField,
  down: Taps,
  row: number,
  across: Taps,
  pixelLightness: Float32Array,
  a: Float32Array,
  b: Float32Array,
): void {
  const { lightness, a: fieldA, b: fieldB } = field;
  const width = field.across.held;
  const { first, second, share } = across;
  const upper = (down.first[row] as number) * width;
  const lower = (down.second[row] as number) * width;
  const low = down.share[row] as number;
  const high = 1 - low;
  const count = first.length;
  for (let i = 0; i < count; i++) {
    const left = first[i] as number;
    const right = second[i] as number;
    const far = share[i] as number;
    const near = 1 - far;
    const own = pixelLightness[i] as number;
    const d0 = (lightness[upper + left] as number) - own;
    const d1 = (lightness[upper + right] as number) - own;
    const d2 = (lightness[lower + left] as number) - own;
    const d3 = (lightness[lower + right] as number) - own;
    const w0 = (high * near) / (d0 * d0 + RANGE * RANGE);
    const w1 = (high * far) / (d1 * d1 + RANGE * RANGE);
    const w2 = (low * near) / (d2 * d2 + RANGE * RANGE);
    const w3 = (low * far) / (d3 * d3 + RANGE * RANGE);
    const scale = 1 / (w0 + w1 + w2 + w3);
    a[i] =
      ((fieldA[upper + left] as number) * w0 +
        (fieldA[upper + right] as number) * w1 +
        (fieldA[lower + left] as number) * w2 +
        (fieldA[lower + right] as number) * w3) *
      scale;
    b[i] =
      ((fieldB[upper + left] as number) * w0 +
        (fieldB[upper + right] as number) * w1 +
        (fieldB[lower + left] as number) * w2 +
        (fieldB[lower + right] as number) * w3) *
      scale;
  }
}
