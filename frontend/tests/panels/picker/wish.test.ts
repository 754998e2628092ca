import { describe, expect, it } from "vitest";
import { inGamut } from "../../../src/color/gamut";
import { hexToLab } from "../../../src/color/hex";
import { axisText } from "../../../src/panels/picker/axis";
import { percentText } from "../../../src/panels/picker/swatches";
import { LARGEST, shownColor, wishHex, wishOf } from "../../../src/panels/picker/wish";

describe("a wish", () => {
  it.each([10, 35, 60, 90])("outside of the gamut at L = %i is kept, by another lightness", (lightness) => {
    for (const color of ["#b5651d", "#0000ff", "#00ff00", "#ff00ff", "#c02020"]) {
      const wish = wishOf(color);
      const kept = wishOf(wishHex(wish, lightness));
      expect(Math.hypot(kept.a - wish.a, kept.b - wish.b)).toBeLessThan(1.5);
    }
  });

  it("inside of the gamut has the pixel's own lightness", () => {
    expect(hexToLab(wishHex({ a: 12, b: -8 }, 62))[0]).toBeCloseTo(62, 0);
  });

  it("that no lightness can hold keeps its hue", () => {
    const { a, b } = wishOf(wishHex({ a: -LARGEST, b: -LARGEST }, 50));
    expect(Math.atan2(b, a)).toBeCloseTo(Math.atan2(-1, -1), 1);
    expect(Math.hypot(a, b)).toBeGreaterThan(30);
  });

  it("is shown with the chroma that the pixel's lightness holds", () => {
    const shown = shownColor(wishOf("#0000ff"), 90);
    expect(shown[0]).toBe(90);
    expect(inGamut(shown)).toBe(true);
  });

  it("for neutral is gray", () => {
    expect(wishOf(null)).toEqual({ a: 0, b: 0 });
  });
});

it.each([
  [0.41, "41 %"],
  [0.004, "<1 %"],
  [0, "0 %"],
])("a share of %d reads %s", (share, text) => {
  expect(percentText(share)).toBe(text);
});

it("a place on an axis is said in words", () => {
  expect(axisText("a", -12)).toBe("12 towards green");
  expect(axisText("b", 30)).toBe("30 towards yellow");
  expect(axisText("b", 0)).toBe("neither blue nor yellow");
});
