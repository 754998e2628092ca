import { describe, expect, it } from "vitest";
import { fitGamut, inGamut } from "../../src/color/gamut";
import { hexToLab, labToHex } from "../../src/color/hex";
import { grayToLightness, LIGHTNESS_OF_GRAY, labToSrgb, srgbToLab, type Triple } from "../../src/color/lab";
import { goldenJson } from "../render/golden";

/** What Python makes of the same colours. */
const python = goldenJson<{
  srgb: string[];
  lab_of_srgb: Triple[];
  lab: Triple[];
  in_gamut: boolean[];
  fitted: Triple[];
}>("colors.json");

function difference(p: Triple, q: Triple): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

describe("sRGB and CIELAB", () => {
  it("are Python's to a thousandth of a unit", () => {
    const worst = python.srgb.map((hex, i) => difference(hexToLab(hex), python.lab_of_srgb[i] as Triple));
    expect(Math.max(...worst)).toBeLessThan(0.002);
  });

  it("lead back to every value from which they came", () => {
    for (const hex of python.srgb) {
      expect(labToHex(hexToLab(hex))).toBe(hex);
    }
    const rgb = [0.1, 0.5, 0.9] as const;
    expect(difference(labToSrgb(srgbToLab(rgb)), rgb)).toBeLessThan(1e-9);
  });

  it("give gray its lightness from 0 to 100", () => {
    expect(grayToLightness(0)).toBeCloseTo(0, 9);
    expect(grayToLightness(1)).toBeCloseTo(100, 9);
    expect(LIGHTNESS_OF_GRAY[119]).toBeCloseTo(50.03, 2);
  });
});

describe("the gamut", () => {
  it("holds the colours that Python's holds", () => {
    expect(python.lab.map(inGamut)).toEqual(python.in_gamut);
  });

  it("gives up the chroma that Python gives up, and no lightness", () => {
    python.lab.forEach((lab, i) => {
      const fitted = fitGamut(lab);
      expect(difference(fitted, python.fitted[i] as Triple)).toBeLessThan(0.02);
      expect(fitted[0]).toBe(lab[0]);
    });
  });
});
