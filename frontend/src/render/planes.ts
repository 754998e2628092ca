import type { Plane, Size } from "./contract";

/**
 * Reduce a plane to the means over equal areas; cells on a border count by the part that lies inside. The size given
 * back as it is.
 *
 * @param extent - How much of the plane to use, in its own cells, from the upper left; the last ones may be cut.
 */
export function areaMean(plane: Plane, { width, height }: Size, extent: Size = plane): Plane {
  if (extent.width === width && extent.height === height) {
    return plane;
  }
  const across = overlaps(extent.width, width);
  const narrow = new Float32Array(width * plane.height);
  for (let row = 0; row < plane.height; row++) {
    for (let column = 0; column < width; column++) {
      narrow[row * width + column] = weighedSum(plane.values, row * plane.width, 1, across, column);
    }
  }
  const down = overlaps(extent.height, height);
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      values[row * width + column] = weighedSum(narrow, column, width, down, row);
    }
  }
  return { width, height, values };
}

/** For each of equal intervals along an axis: the first cell that it touches, and the share of each one after it. */
interface Overlaps {
  readonly first: Int32Array;
  readonly shares: readonly Float64Array[];
}

function overlaps(cells: number, intervals: number): Overlaps {
  const length = cells / intervals;
  const first = new Int32Array(intervals);
  const shares: Float64Array[] = [];
  for (let i = 0; i < intervals; i++) {
    const start = (i * cells) / intervals;
    const end = Math.min(((i + 1) * cells) / intervals, cells);
    const from = Math.floor(start);
    first[i] = from;
    shares.push(
      Float64Array.from({ length: Math.ceil(end) - from }, (_, k) => {
        return (Math.min(end, from + k + 1) - Math.max(start, from + k)) / length;
      }),
    );
  }
  return { first, shares };
}

function weighedSum(values: Float32Array, start: number, stride: number, over: Overlaps, interval: number): number {
  const shares = over.shares[interval] as Float64Array;
  let at = start + (over.first[interval] as number) * stride;
  let sum = 0;
  for (let k = 0; k < shares.length; k++) {
    sum += (values[at] as number) * (shares[k] as number);
    at += stride;
  }
  return sum;
}
