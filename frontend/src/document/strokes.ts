/** A stroke of the pointer as a row of hints. */

import type { Place } from "../engine/engine";
import type { Hint, Size } from "../render/contract";

export const MOST_HINTS_A_STROKE = 24;

/**
 * Hints along a path, two radii from one to the next so that their discs touch; further apart where the path is so long
 * that there would be more than `MOST_HINTS_A_STROKE`.
 *
 * @param path - Places that the pointer passed, at least one.
 * @param size - The photograph's, in pixels: fractions of its width and height are not of one length.
 */
export function strokeHints(
  path: readonly Place[],
  size: Size,
  { color, radius }: { readonly color: string | null; readonly radius: number },
): readonly Hint[] {
  const longer = Math.max(size.width, size.height);
  const lengths = path.slice(1).map((place, i) => distance(path[i] as Place, place, size) / longer);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const gaps = Math.min(Math.round(total / (2 * radius)), MOST_HINTS_A_STROKE - 1);
  const places = Array.from({ length: gaps + 1 }, (_, i) => placeAlong(path, lengths, gaps && (total * i) / gaps));
  return places.map(({ x, y }) => ({ x, y, color, radius }));
}

/** The distance of two places in pixels. */
export function distance(p: Place, q: Place, { width, height }: Size): number {
  return Math.hypot((p.x - q.x) * width, (p.y - q.y) * height);
}

function placeAlong(path: readonly Place[], lengths: readonly number[], at: number): Place {
  let left = at;
  for (const [i, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const [from, to] = [path[i] as Place, path[i + 1] as Place];
      const share = left / length;
      return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
    }
    left -= length;
  }
  const last = path.at(-1);
  if (!last) {
    throw new RangeError("a stroke without a place");
  }
  return last;
}
