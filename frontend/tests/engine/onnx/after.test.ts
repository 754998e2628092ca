/** From the network's distribution to what a person is offered. */

import { describe, expect, it } from "vitest";
import {
  cellAt,
  type Logits,
  openPlace,
  probabilities,
  suggestionsOf,
  tellingPlace,
  uncertaintyOf,
} from "../../../src/engine/onnx/distribution";
import { defaultRandom, draw } from "../../../src/engine/onnx/random";
import { GOLDEN, largestDifference } from "./golden";

const { width, height, ...expected } = GOLDEN.distribution;
const CELLS = width * height;

/** As in `golden/make.py`. */
const LOGITS: Logits = {
  width,
  height,
  values: Float32Array.from({ length: 313 * CELLS }, (_, i) => {
    const [k, cell] = [Math.floor(i / CELLS), i % CELLS];
    const [row, column] = [Math.floor(cell / width), cell % width];
    const inside = row >= 2 && row < 5 && column >= 3 && column < 9;
    return 4 * Math.sin(0.9 * cell + 0.05 * k) * Math.cos(0.37 * k + 0.2 * cell) * (inside ? 0.3 : 1);
  }),
};

describe("uncertainty", () => {
  const doubt = uncertaintyOf(LOGITS);

  it("is Python's", () => {
    expect(largestDifference(doubt.values, expected.uncertainty)).toBeLessThan(1e-4);
  });

  const nothing = new Float32Array(CELLS);
  const reach = Float32Array.from({ length: CELLS }, (_, cell) => (cell % width < 6 ? 0.75 : 0));

  it.each([
    ["most open", openPlace(doubt, nothing), expected.open],
    ["most open beside hints", openPlace(doubt, reach), expected.openBesideReach],
    ["most telling", tellingPlace(LOGITS, nothing), expected.telling],
    ["most telling beside hints", tellingPlace(LOGITS, reach), expected.tellingBesideReach],
  ])("finds the %s place where Python does", (_, place, wanted) => {
    expect([place.x, place.y]).toEqual(wanted);
  });
});

describe("suggestions", () => {
  it.each(expected.suggestions)("at cell $cell are Python's", ({ cell, temperature, lightness, count, offers }) => {
    const found = suggestionsOf(probabilities(LOGITS, cell, temperature), lightness, count);
    expect(found.map(({ color }) => color)).toEqual(offers.map(({ color }) => color));
    found.forEach(({ ab, probability }, i) => {
      expect(largestDifference(ab, offers[i]?.ab ?? [])).toBeLessThan(0.02);
      expect(probability).toBeCloseTo(offers[i]?.probability ?? 0, 4);
    });
  });

  it("finds the cell of a place, the last one at the border", () => {
    expect(cellAt({ width: 12, height: 8 }, { x: 0.5, y: 0.25 })).toBe(2 * 12 + 6);
    expect(cellAt({ width: 12, height: 8 }, { x: 1, y: 1 })).toBe(95);
  });
});

describe("random numbers", () => {
  it.each(GOLDEN.random)("are NumPy's for the seed $seed", ({ seed, numbers }) => {
    const random = defaultRandom(seed);
    expect(numbers.map(() => random())).toEqual(numbers);
  });

  it("draws an index by its chance", () => {
    expect(draw(() => 0, [0, 2, 2])).toBe(1);
    expect(draw(() => 0.49, [0, 2, 2])).toBe(1);
    expect(draw(() => 0.5, [0, 2, 2])).toBe(2);
    expect(draw(() => 0.999999, [0, 2, 2])).toBe(2);
  });
});
