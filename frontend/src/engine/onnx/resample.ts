/** Pillow's resampling (its Resample.c), in floating point: each output sample is a weighted mean of those under it. */

import type { Rectangle, Size } from "../../render/contract";

/** Samples, row by row. */
export interface Samples extends Size {
  readonly values: Float32Array | Uint8Array | Uint8ClampedArray;
}

/** A window that weighs samples by their distance, in steps of the coarser of the two grids. */
export interface Filter {
  readonly support: number;
  weight(distance: number): number;
}

export const BOX: Filter = {
  support: 0.5,
  weight: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0),
};

export const LANCZOS: Filter = {
  support: 3,
  weight: (distance) => (distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0),
};

/**
 * Resize a part of a plane.
 *
 * @param part - Which, in samples; its edges may lie between samples.
 */
export function resample(plane: Samples, part: Rectangle, size: Size, filter: Filter): Float32Array {
  const across = weightsAlong(plane.width, part.left, part.right, size.width, filter);
  const down = weightsAlong(plane.height, part.top, part.bottom, size.height, filter);
  const top = Math.min(...down.map(({ first }) => first));
  const bottom = Math.max(...down.map(({ first, shares }) => first + shares.length));
  const narrow = new Float32Array(size.width * (bottom - top));
  for (let row = top; row < bottom; row++) {
    const start = row * plane.width;
    const to = (row - top) * size.width;
    across.forEach(({ first, shares }, column) => {
      let sum = 0;
      for (let i = 0; i < shares.length; i++) {
        sum += (plane.values[start + first + i] as number) * (shares[i] as number);
      }
      narrow[to + column] = sum;
    });
  }
  return resampledDown(narrow, size, down, top);
}

/** The samples under one output sample: the first, and the share of each, which sum to 1. */
interface Weights {
  readonly first: number;
  readonly shares: Float64Array;
}

function resampledDown(narrow: Float32Array, { width, height }: Size, down: readonly Weights[], top: number) {
  const values = new Float32Array(width * height);
  const sums = new Float64Array(width);
  down.forEach(({ first, shares }, row) => {
    sums.fill(0);
    shares.forEach((share, i) => {
      const start = (first - top + i) * width;
      for (let column = 0; column < width; column++) {
        sums[column] = (sums[column] as number) + (narrow[start + column] as number) * share;
      }
    });
    values.set(sums, row * width);
  });
  return values;
}

function weightsAlong(samples: number, from: number, to: number, count: number, filter: Filter): Weights[] {
  const scale = (to - from) / count;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  return Array.from({ length: count }, (_, i) => {
    const middle = from + (i + 0.5) * scale;
    const first = Math.max(Math.trunc(middle - support + 0.5), 0);
    const end = Math.min(Math.trunc(middle + support + 0.5), samples);
    const raw = Float64Array.from({ length: end - first }, (_, k) =>
      filter.weight((first + k - middle + 0.5) / stretch),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, shares: raw.map((weight) => weight / total) };
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
