/**
 * Colour from the network's grid to a level of four times the grid, along the photograph's own edges: the port of
 * `photochrom.upsample`, where the reasons of each step are given. Its last step, to the pixels, is `blendRow`.
 */

import { type Axis, blendRow, type ColorField, type Taps, tapsBetween, wholeAxis } from "./blend";
import type { Plane, Size } from "./contract";
import { areaMean } from "./planes";

/** Longest side of the level between the network's grid and the photograph's pixels. */
const LEVEL_SIDE = 1536;
const LEVEL_FACTOR = 4;
/** The filter on the fine level: spacing and reach of its taps each way, and its widths in cells and in L. */
const FILTER_SPACING = 2;
const FILTER_REACH = 4;
const FILTER_SIGMA = 4;
const FILTER_RANGE = 3.5;
/** The Gaussian of a tap's distance. */
const FILTER_SHARES = Float64Array.from({ length: FILTER_REACH + 1 }, (_, tap) =>
  Math.exp(-((tap * FILTER_SPACING) ** 2) / (2 * FILTER_SIGMA ** 2)),
);
/** Spread of L of 3 x 3 cells at which a cell gets back half of what the filter took from its mean. */
const EDGE_SPREAD = 8;

/** The two planes of a colour. */
export interface ColorPlanes extends Size {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** What upsampling needs of a photograph, once for all grids of one size. */
export interface Upsampling {
  readonly grid: Plane;
  readonly fine: Plane;
  /** Share in 0 to 1 of what the filter took that each cell of the grid gets back. */
  readonly trust: Float32Array;
  readonly down: Taps;
  readonly across: Taps;
}

/**
 * Get ready to upsample.
 *
 * @param lightness - CIE L* of the photograph.
 * @param grid - The size of the network's grid.
 * @param extent - How many cells of `lightness` the photograph fills, where its border cuts the last ones.
 */
export function prepareUpsampling(lightness: Plane, grid: Size, extent: Size = lightness): Upsampling {
  const width = Math.min(grid.width, lightness.width);
  const height = Math.min(grid.height, lightness.height);
  const gridLightness = areaMean(lightness, { width, height }, extent);
  const fineSize = {
    width: Math.min(LEVEL_FACTOR * width, lightness.width),
    height: Math.min(LEVEL_FACTOR * height, lightness.height),
  };
  const fine = areaMean(lightness, fineSize, extent);
  return {
    grid: gridLightness,
    fine,
    trust: neighbourVariance(gridLightness).map((variance) => 1 / (1 + variance / EDGE_SPREAD ** 2)),
    down: tapsBetween(fine.height, 0, 1 / fine.height, wholeAxis(height)),
    across: tapsBetween(fine.width, 0, 1 / fine.width, wholeAxis(width)),
  };
}

/** Upsample a grid's colour to the fine level. */
export function colorField(upsampling: Upsampling, colors: ColorPlanes): ColorField {
  const grid = reduced(colors, upsampling.grid);
  const rough = fill(upsampling, grid);
  for (let turn = 0; turn < 2; turn++) {
    add(rough, fill(upsampling, missing(grid, rough)));
  }
  const smooth = filtered(rough, upsampling.fine.values);
  const lost = missing(grid, smooth);
  multiply(lost, upsampling.trust);
  add(smooth, fill(upsampling, lost));
  clipToNeighbours(smooth.a, grid.a, upsampling);
  clipToNeighbours(smooth.b, grid.b, upsampling);
  return fieldOf(smooth, upsampling.fine);
}

/** How many pixels of a photograph, each way, are one cell of the level between. */
export function levelBlock({ width, height }: Size): number {
  return Math.ceil(Math.max(width, height) / LEVEL_SIDE);
}

/**
 * Blend a fine field into the level between, or a part of it.
 *
 * @param lightness - CIE L* of the part, whose rows and columns `down` and `across` place.
 */
export function levelField(fine: ColorField, lightness: Float32Array, down: Axis, across: Axis): ColorField {
  const rows = tapsBetween(down.held, down.first / down.cells, 1 / down.cells, fine.down);
  const columns = tapsBetween(across.held, across.first / across.cells, 1 / across.cells, fine.across);
  const a = new Float32Array(lightness.length);
  const b = new Float32Array(lightness.length);
  for (let row = 0; row < down.held; row++) {
    const part = (plane: Float32Array) => plane.subarray(row * across.held, (row + 1) * across.held);
    blendRow(fine, rows, row, columns, part(lightness), part(a), part(b));
  }
  return { a, b, lightness, down, across };
}

function fieldOf({ a, b }: ColorPlanes, { width, height, values }: Plane): ColorField {
  return { a, b, lightness: values, down: wholeAxis(height), across: wholeAxis(width) };
}

function reduced(colors: ColorPlanes, size: Size): ColorPlanes {
  const { width, height } = size;
  const mean = (values: Float32Array) => areaMean({ width: colors.width, height: colors.height, values }, size).values;
  return { width, height, a: mean(colors.a), b: mean(colors.b) };
}

/** Blend a grid's colour into the whole fine level. */
function fill({ grid, fine }: Upsampling, colors: ColorPlanes): ColorPlanes {
  const { width, height } = fine;
  const { a, b } = levelField(fieldOf(colors, grid), fine.values, wholeAxis(height), wholeAxis(width));
  return { width, height, a, b };
}

/** What the cell means of a fine level lack of the grid's colour. */
function missing(grid: ColorPlanes, level: ColorPlanes): ColorPlanes {
  const means = reduced(level, grid);
  return {
    ...means,
    a: grid.a.map((value, i) => value - (means.a[i] as number)),
    b: grid.b.map((value, i) => value - (means.b[i] as number)),
  };
}

function add(sum: ColorPlanes, part: ColorPlanes): void {
  for (let i = 0; i < sum.a.length; i++) {
    sum.a[i] = (sum.a[i] as number) + (part.a[i] as number);
    sum.b[i] = (sum.b[i] as number) + (part.b[i] as number);
  }
}

function multiply(colors: ColorPlanes, factors: Float32Array): void {
  for (let i = 0; i < factors.length; i++) {
    colors.a[i] = (colors.a[i] as number) * (factors[i] as number);
    colors.b[i] = (colors.b[i] as number) * (factors[i] as number);
  }
}

/** Smooth colour over places of like lightness: a joint bilateral filter, along the rows, then along the columns. */
function filtered(colors: ColorPlanes, lightness: Float32Array): ColorPlanes {
  const { width, height } = colors;
  const across = smoothed(colors, lightness, { cells: width, step: 1 }, { cells: height, step: width });
  return smoothed(across, lightness, { cells: height, step: width }, { cells: width, step: 1 });
}

/** An axis of a plane: how many cells it has, and how far apart they lie in memory. */
interface Stride {
  readonly cells: number;
  readonly step: number;
}

/** Smooth colour along one axis, the border cells repeated beyond it. */
function smoothed(colors: ColorPlanes, lightness: Float32Array, along: Stride, beside: Stride): ColorPlanes {
  const smooth = { ...colors, a: new Float32Array(colors.a.length), b: new Float32Array(colors.b.length) };
  const last = along.cells - 1;
  for (let line = 0; line < beside.cells; line++) {
    const start = line * beside.step;
    for (let place = 0; place <= last; place++) {
      const middle = start + place * along.step;
      const own = lightness[middle] as number;
      let total = 0;
      let sumA = 0;
      let sumB = 0;
      for (let tap = -FILTER_REACH; tap <= FILTER_REACH; tap++) {
        const at = start + Math.min(Math.max(place + tap * FILTER_SPACING, 0), last) * along.step;
        const unlike = ((lightness[at] as number) - own) * (1 / FILTER_RANGE);
        const weight = (FILTER_SHARES[Math.abs(tap)] as number) / (1 + unlike * unlike);
        total += weight;
        sumA += weight * (colors.a[at] as number);
        sumB += weight * (colors.b[at] as number);
      }
      smooth.a[middle] = sumA / total;
      smooth.b[middle] = sumB / total;
    }
  }
  return smooth;
}

/** A plane with its border cells repeated all around. */
function padded(values: Float32Array, width: number, height: number, margin: number): Float32Array {
  const wide = width + 2 * margin;
  const result = new Float32Array(wide * (height + 2 * margin));
  for (let row = 0; row < height + 2 * margin; row++) {
    const from = Math.min(Math.max(row - margin, 0), height - 1) * width;
    const start = row * wide;
    result.fill(values[from] as number, start, start + margin);
    result.set(values.subarray(from, from + width), start + margin);
    result.fill(values[from + width - 1] as number, start + margin + width, start + wide);
  }
  return result;
}

/** Clip a fine plane to the range of the 3 x 3 cells around, so that the corrections leave no halos. */
function clipToNeighbours(fine: Float32Array, grid: Float32Array, { grid: cells, down, across }: Upsampling): void {
  const { width, height } = cells;
  const around = padded(grid, width, height, 1);
  const lowest = overNeighbours(around, width, height, Math.min);
  const highest = overNeighbours(around, width, height, Math.max);
  const columns = across.first.length;
  for (let row = 0; row < down.first.length; row++) {
    for (let column = 0; column < columns; column++) {
      const low = bilinear(lowest, width, down, row, across, column);
      const high = bilinear(highest, width, down, row, across, column);
      const at = row * columns + column;
      fine[at] = Math.min(Math.max(fine[at] as number, low), high);
    }
  }
}

/** The extreme of each 3 x 3 cells, one axis after the other. */
function overNeighbours(
  around: Float32Array,
  width: number,
  height: number,
  extreme: (p: number, q: number, r: number) => number,
): Float32Array {
  const wide = width + 2;
  const across = new Float32Array(width * (height + 2));
  for (let row = 0; row < height + 2; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * wide + column;
      across[row * width + column] = extreme(around[at] as number, around[at + 1] as number, around[at + 2] as number);
    }
  }
  return Float32Array.from({ length: width * height }, (_, i) =>
    extreme(across[i] as number, across[i + width] as number, across[i + 2 * width] as number),
  );
}

/** A plane between its cells, without regard to lightness. */
export function bilinear(
  values: Float32Array,
  width: number,
  down: Taps,
  row: number,
  across: Taps,
  column: number,
): number {
  const upper = (down.first[row] as number) * width;
  const lower = (down.second[row] as number) * width;
  const left = across.first[column] as number;
  const right = across.second[column] as number;
  const far = across.share[column] as number;
  const low = down.share[row] as number;
  const top = (values[upper + left] as number) * (1 - far) + (values[upper + right] as number) * far;
  const bottom = (values[lower + left] as number) * (1 - far) + (values[lower + right] as number) * far;
  return top * (1 - low) + bottom * low;
}

/** Variance of the 3 x 3 cells around each. */
function neighbourVariance({ width, height, values }: Plane): Float32Array {
  const around = padded(values, width, height, 1);
  const wide = width + 2;
  return values.map((_, i) => {
    const corner = Math.floor(i / width) * wide + (i % width);
    let sum = 0;
    let squares = 0;
    for (const start of [corner, corner + wide, corner + 2 * wide]) {
      for (let at = start; at < start + 3; at++) {
        const value = around[at] as number;
        sum += value;
        squares += value * value;
      }
    }
    return Math.max(squares / 9 - (sum / 9) ** 2, 0);
  });
}
