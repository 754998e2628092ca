/**
 * What a distribution over the 313 colour bins tells: suggestions, uncertainty, and where one more hint helps most. The
 * port of `photochrom.distribution`, where the reasons of each step are given.
 */

import { AB_BINS } from "../../color/bins";
import { heldLightness } from "../../color/gamut";
import { labToHex } from "../../color/hex";
import type { Plane, Size } from "../../render/contract";
import type { Place, Suggestion } from "../engine";

const ITERATIONS = 30;
/** The share of the grid's longer side around which uncertainty is summed. */
const WINDOW = 1 / 12;
/** How far a hint counts, as a share of the longer side, how much alike things must be, and cells looked at as one. */
const TOLD_WITHIN = 0.15;
const TOLD_LIKENESS = 8;
const BLOCK = 4;
/** Centres that move less than this, and this share of themselves, stand still. */
const STILL = 1e-3;
const STILL_SHARE = 1e-5;

/** The network's distributions: for each bin a plane of cells. */
export interface Logits extends Size {
  readonly values: Float32Array;
}

type Ab = readonly [number, number];

/** Which cell of a plane a place lies in. */
export function cellAt({ width, height }: Size, { x, y }: Place): number {
  const row = Math.min(Math.floor(y * height), height - 1);
  return row * width + Math.min(Math.floor(x * width), width - 1);
}

/** The distribution of one cell, sharpened where the temperature is below 1. */
export function probabilities({ width, height, values }: Logits, cell: number, temperature = 1): Float64Array {
  const logits = Float64Array.from(AB_BINS, (_, bin) => (values[bin * width * height + cell] as number) / temperature);
  const largest = logits.reduce((most, logit) => Math.max(most, logit));
  const odds = logits.map((logit) => Math.exp(logit - largest));
  const total = odds.reduce((sum, odd) => sum + odd, 0);
  return odds.map((odd) => odd / total);
}

/** A distribution as at most `count` colours, the likeliest first. */
export function suggestionsOf(shares: Float64Array, lightness: number, count: number): Suggestion[] {
  let centres = spreadCentres(shares, count);
  let clusters = clustersAround(centres, shares);
  for (let i = 0; i < ITERATIONS; i++) {
    const moved = centres.map((centre, k) => clusters[k]?.middle ?? centre);
    if (moved.every((ab, k) => isStill(ab, centres[k] as Ab))) {
      break;
    }
    centres = moved;
    clusters = clustersAround(centres, shares);
  }
  return centres
    .map((ab, k) => ({
      color: labToHex([heldLightness(lightness, ...ab), ...ab]),
      ab,
      probability: clusters[k]?.weight ?? 0,
    }))
    .filter(({ probability }) => probability > 0)
    .sort((one, other) => other.probability - one.probability);
}

/** Entropy of each cell's distribution over that of the uniform one, 0 to 1. */
export function uncertaintyOf(logits: Logits): Plane {
  const { width, height } = logits;
  const values = Float32Array.from({ length: width * height }, (_, cell) => {
    const entropy = probabilities(logits, cell).reduce(
      (sum, share) => sum - share * Math.log(Math.max(share, 1e-12)),
      0,
    );
    return Math.min(Math.max(entropy / Math.log(AB_BINS.length), 0), 1);
  });
  return { width, height, values };
}

/**
 * The place where a hint should tell most that is not known yet: of what lies near it and has a distribution like its own.
 *
 * @param reach - How far hints decide, 0 to 1, for each cell.
 */
export function tellingPlace(logits: Logits, reach: Float32Array): Place {
  const blocks = blocksOf(logits, reach);
  const longer = Math.max(logits.width, logits.height);
  const told = blocks.map((one) =>
    blocks.reduce((sum, other) => {
      const alike = one.roots.reduce((product, root, bin) => product + root * (other.roots[bin] as number), 0);
      const squared = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) / longer ** 2;
      return sum + other.unknown * alike ** TOLD_LIKENESS * Math.exp(-squared / (2 * TOLD_WITHIN ** 2));
    }, 0),
  );
  const most = blocks[indexOfLargest(Float64Array.from(told))] as Block;
  return { x: most.x / logits.width, y: most.y / logits.height };
}

/**
 * The place around which most is uncertain that no hint reaches yet.
 *
 * @param reach - How far hints decide, 0 to 1, for each cell.
 */
export function openPlace({ width, height, values }: Plane, reach: Float32Array): Place {
  const open = values.map((doubt, cell) => doubt * (1 - (reach[cell] as number)));
  const sums = windowSums({ width, height, values: open }, Math.max(1, Math.round(Math.max(width, height) * WINDOW)));
  const most = sums.reduce((best, sum, cell) => (sum > (sums[best] as number) ? cell : best), 0);
  return { x: ((most % width) + 0.5) / width, y: (Math.floor(most / width) + 0.5) / height };
}

/** A square of cells: its middle in cells, the roots of its mean distribution, and its mean unknown variance. */
interface Block {
  readonly x: number;
  readonly y: number;
  readonly roots: Float64Array;
  readonly unknown: number;
}

function blocksOf(logits: Logits, reach: Float32Array): Block[] {
  const blocks: Block[] = [];
  for (let top = 0; top < logits.height; top += BLOCK) {
    for (let left = 0; left < logits.width; left += BLOCK) {
      const [bottom, right] = [Math.min(top + BLOCK, logits.height), Math.min(left + BLOCK, logits.width)];
      const shares = new Float64Array(AB_BINS.length);
      let unknown = 0;
      const size = (bottom - top) * (right - left);
      for (let row = top; row < bottom; row++) {
        for (let cell = row * logits.width + left; cell < row * logits.width + right; cell++) {
          const found = probabilities(logits, cell);
          found.forEach((share, bin) => {
            shares[bin] = (shares[bin] as number) + share / size;
          });
          unknown += (colorVariance(found) * (1 - (reach[cell] as number))) / size;
        }
      }
      blocks.push({ x: (left + right) / 2, y: (top + bottom) / 2, roots: shares.map(Math.sqrt), unknown });
    }
  }
  return blocks;
}

/** Variance of a and b together, in squared Lab units. */
function colorVariance(shares: Float64Array): number {
  const sums = { a: 0, b: 0, squares: 0 };
  AB_BINS.forEach(([a, b], bin) => {
    const share = shares[bin] as number;
    sums.a += share * a;
    sums.b += share * b;
    sums.squares += share * (a ** 2 + b ** 2);
  });
  return Math.max(sums.squares - sums.a ** 2 - sums.b ** 2, 0);
}

/** First centres for k-means: the likeliest bin, then always the bin with most share times squared distance. */
function spreadCentres(shares: Float64Array, count: number): Ab[] {
  const centres = [AB_BINS[indexOfLargest(shares)] as Ab];
  while (centres.length < count) {
    const pull = shares.map((share, bin) => share * distanceToNearest(AB_BINS[bin] as Ab, centres));
    const farthest = indexOfLargest(pull);
    if (!((pull[farthest] as number) > 0)) {
      break;
    }
    centres.push(AB_BINS[farthest] as Ab);
  }
  return centres;
}

interface Cluster {
  readonly weight: number;
  readonly middle: Ab;
}

/** For each centre, the bins nearest to it; undefined where they have no share. */
function clustersAround(centres: readonly Ab[], shares: Float64Array): (Cluster | undefined)[] {
  const sums = centres.map(() => ({ weight: 0, a: 0, b: 0 }));
  AB_BINS.forEach(([a, b], bin) => {
    const distances = centres.map((centre) => squaredDistance([a, b], centre));
    const sum = sums[distances.indexOf(Math.min(...distances))];
    const share = shares[bin] as number;
    if (sum) {
      sum.weight += share;
      sum.a += share * a;
      sum.b += share * b;
    }
  });
  return sums.map(({ weight, a, b }) => (weight > 0 ? { weight, middle: [a / weight, b / weight] } : undefined));
}

function isStill(moved: Ab, centre: Ab): boolean {
  return moved.every((value, i) => {
    const was = centre[i] as number;
    return Math.abs(value - was) <= STILL + STILL_SHARE * Math.abs(was);
  });
}

function distanceToNearest(ab: Ab, centres: readonly Ab[]): number {
  return centres.reduce((least, centre) => Math.min(least, squaredDistance(ab, centre)), Number.POSITIVE_INFINITY);
}

function squaredDistance(p: Ab, q: Ab): number {
  return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2;
}

function indexOfLargest(values: Float64Array): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}

/** Sums over squares of `side` cells around each cell, of what lies in the plane. */
function windowSums({ width, height, values }: Plane, side: number): Float64Array {
  const across = slidingSums(values, side, width, height, 1, width);
  return slidingSums(across, side, height, width, width, 1);
}

/** Sums along one axis: `lines` lines of `length` values each, `step` apart, and the lines `lineStep`. */
function slidingSums(
  values: Float32Array | Float64Array,
  side: number,
  length: number,
  lines: number,
  step: number,
  lineStep: number,
): Float64Array {
  const before = Math.floor(side / 2);
  const sums = new Float64Array(values.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = Math.max(0, i - before); k < Math.min(length, i - before + side); k++) {
        sum += values[line * lineStep + k * step] as number;
      }
      sums[line * lineStep + i * step] = sum;
    }
  }
  return sums;
}
