import { describe, expect, it } from "vitest";
import { areaMean } from "../../src/render/planes";

describe("the mean by area", () => {
  it("lets a cut cell count by the part that lies inside", () => {
    const { values } = areaMean({ width: 3, height: 1, values: Float32Array.of(1, 2, 6) }, { width: 2, height: 1 });
    expect(Array.from(values)).toEqual([expect.closeTo((1 + 1) / 1.5, 6), expect.closeTo((1 + 6) / 1.5, 6)]);
  });

  it("keeps the mean of the whole at every size", () => {
    const values = Float32Array.from({ length: 35 }, (_, i) => (i * 37) % 11);
    const mean = (plane: Float32Array) => plane.reduce((sum, value) => sum + value, 0) / plane.length;
    for (let width = 1; width <= 7; width++) {
      for (let height = 1; height <= 5; height++) {
        const reduced = areaMean({ width: 7, height: 5, values }, { width, height });
        expect(reduced.values).toHaveLength(width * height);
        expect(mean(reduced.values)).toBeCloseTo(mean(values), 5);
      }
    }
  });
});
