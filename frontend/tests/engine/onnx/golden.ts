/** What `golden/make.py` let Python compute. */

import { readFileSync } from "node:fs";
import type { Guidance, Suggestion } from "../../../src/engine/engine";

interface Golden {
  readonly bins: readonly [number, number][];
  readonly srgb: readonly [number, number, number][];
  readonly nearestBins: readonly number[];
  readonly grays: readonly number[];
  readonly networkSizes: readonly { width: number; height: number; network: [number, number] }[];
  readonly lightness: readonly { picture: string; width: number; height: number; values: number[] }[];
  readonly feeds: readonly { guidance: Guidance; feeds: Record<string, { dims: number[]; data: number[] }> }[];
  readonly palette: { readonly picture: string; readonly histogram: number[]; readonly saturation: number };
  readonly distribution: {
    readonly width: number;
    readonly height: number;
    readonly uncertainty: number[];
    readonly open: [number, number];
    readonly openBesideReach: [number, number];
    readonly telling: [number, number];
    readonly tellingBesideReach: [number, number];
    readonly suggestions: readonly {
      cell: number;
      temperature: number;
      lightness: number;
      count: number;
      offers: Suggestion[];
    }[];
  };
  readonly random: readonly { seed: number[]; numbers: number[] }[];
  readonly sessions: readonly { content: unknown; read: unknown }[];
  readonly wrongSessions: readonly unknown[];
}

export const GOLDEN: Golden = JSON.parse(readFileSync(new URL("golden/onnx.json", import.meta.url), "utf-8"));

/** The largest difference of two rows of numbers of one length. */
export function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) {
    throw new RangeError(`${one.length} numbers beside ${other.length}`);
  }
  return Array.from(one).reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] as number))), 0);
}
