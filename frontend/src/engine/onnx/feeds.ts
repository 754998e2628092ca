/** What the network is told beside the photograph: the port of `photochrom.models.compact` and `engine`. */

import { AB_BINS } from "../../color/bins";
import type { Size } from "../../render/contract";
import { hintPins } from "../../render/pins";
import type { Guidance } from "../engine";

export interface Feed {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * What the hints' part is told of at least one hint, by its inputs' names.
 *
 * @param grid - The size of the network's grid.
 */
export function hintFeeds(hints: Guidance["hints"], grid: Size): Record<string, Feed> {
  const pins = hintPins(hints, grid);
  const pairs = (values: readonly number[]) => ({ data: Float32Array.from(values), dims: [1, pins.length, 2] });
  return {
    hint_position: pairs(pins.flatMap(({ x, y }) => [y, x])),
    hint_ab: pairs(pins.flatMap(({ a, b }) => [a, b])),
  };
}

/** What the automatic part is told of a reference, by its inputs' names. */
export function referenceFeeds(reference: Guidance["reference"]): Record<string, Feed> {
  const { histogram = null, saturation = null } = reference ?? {};
  return {
    histogram: { data: Float32Array.from(histogram ?? AB_BINS.map(() => 0)), dims: [1, AB_BINS.length] },
    histogram_given: column(histogram === null ? 0 : 1),
    saturation: column(saturation ?? 0),
    saturation_given: column(saturation === null ? 0 : 1),
  };
}

function column(value: number): Feed {
  return { data: Float32Array.of(value), dims: [1, 1] };
}
