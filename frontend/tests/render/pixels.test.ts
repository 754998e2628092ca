import { describe, expect, it } from "vitest";
import { fitGamut } from "../../src/color/gamut";
import { LIGHTNESS_OF_GRAY, srgbToLab, type Triple } from "../../src/color/lab";
import { paintRow } from "../../src/render/pixels";

const ALL_GRAYS = Uint8ClampedArray.from({ length: 256 }, (_, gray) => gray);
const CHROMAS = [3, 10, 25, 45, 70, 100, 150];
const HUES = Array.from({ length: 24 }, (_, i) => (i * Math.PI) / 12);
const DISC = CHROMAS.flatMap((c) => HUES.map((h) => [c * Math.cos(h), c * Math.sin(h)] as const));

/** What every gray becomes with one colour, as Lab. */
function painted(a: number, b: number): Triple[] {
  const pixels = new Uint32Array(256);
  paintRow(ALL_GRAYS, new Float32Array(256).fill(a), new Float32Array(256).fill(b), pixels);
  const bytes = new Uint8Array(pixels.buffer);
  return Array.from({ length: 256 }, (_, i) =>
    srgbToLab([(bytes[4 * i] as number) / 255, (bytes[4 * i + 1] as number) / 255, (bytes[4 * i + 2] as number) / 255]),
  );
}

describe("a painted pixel", () => {
  it("keeps the lightness of every gray within half a unit, in and far out of gamut", () => {
    let worst = 0;
    for (const [a, b] of DISC) {
      painted(a, b).forEach(([lightness], gray) => {
        worst = Math.max(worst, Math.abs(lightness - (LIGHTNESS_OF_GRAY[gray] as number)));
      });
    }
    expect(worst).toBeLessThanOrEqual(0.5);
  });

  it("is exactly gray, and opaque, without colour", () => {
    const pixels = new Uint32Array(256);
    paintRow(ALL_GRAYS, new Float32Array(256), new Float32Array(256), pixels);
    expect(Array.from(pixels)).toEqual(Array.from(ALL_GRAYS, (gray) => (0xff000000 | (gray * 0x010101)) >>> 0));
  });

  it("has the colour asked for, or the most chroma of its hue that fits", () => {
    let worst = 0;
    let worstInDark = 0;
    for (const [a, b] of DISC) {
      painted(a, b).forEach(([, paintedA, paintedB], gray) => {
        const lightness = LIGHTNESS_OF_GRAY[gray] as number;
        const [, fittedA, fittedB] = fitGamut([lightness, a, b]);
        const distance = Math.hypot(paintedA - fittedA, paintedB - fittedB);
        worst = Math.max(worst, lightness < 20 ? 0 : distance);
        worstInDark = Math.max(worstInDark, distance);
      });
    }
    expect(worst).toBeLessThan(1);
    // There, half a step of 8 bits is more than a unit of ab.
    expect(worstInDark).toBeLessThan(2.5);
  });
});
