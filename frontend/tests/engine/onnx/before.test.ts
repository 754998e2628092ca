/** From the photograph to what the network is told. */

import { describe, expect, it } from "vitest";
import { AB_BINS, nearestBin } from "../../../src/color/bins";
import { srgbToLab } from "../../../src/color/lab";
import { hintFeeds, referenceFeeds } from "../../../src/engine/onnx/feeds";
import { writeLightness } from "../../../src/engine/onnx/gray";
import { NetworkLightness, networkSize } from "../../../src/engine/onnx/lightness";
import { PALETTE_SIDE, paletteOf } from "../../../src/engine/onnx/palette";
import { BOX, resample } from "../../../src/engine/onnx/resample";
import { lightnessOf } from "../../../src/render/paint";
import { goldenPicture } from "../../render/golden";
import { GOLDEN, largestDifference } from "./golden";

describe("colours and bins", () => {
  it("has the bins of the papers", () => {
    expect(AB_BINS).toEqual(GOLDEN.bins);
  });

  it("finds the bin nearest to a colour", () => {
    const found = GOLDEN.srgb.map(([red, green, blue]) => {
      const [, a, b] = srgbToLab([red / 255, green / 255, blue / 255]);
      return nearestBin(a, b);
    });
    expect(found).toEqual(GOLDEN.nearestBins);
  });

  it("takes a colour for its lightness, and a gray as it is", () => {
    const grays = Array.from({ length: 256 }, (_, value) => value);
    const rgb = [...GOLDEN.srgb, ...grays.map((value) => [value, value, value])];
    const gray = new Uint8ClampedArray(rgb.length);
    const lightness = new Float32Array(rgb.length);
    writeLightness(Uint8ClampedArray.from(rgb.flatMap((pixel) => [...pixel, 255])), gray, lightness);
    expect(Array.from(gray.subarray(GOLDEN.srgb.length))).toEqual(grays);
    expect(largestDifference(gray.subarray(0, GOLDEN.srgb.length), GOLDEN.grays)).toBeLessThan(0.56);
    const expected = rgb.map(([red = 0, green = 0, blue = 0]) => srgbToLab([red / 255, green / 255, blue / 255])[0]);
    expect(largestDifference(lightness, expected)).toBeLessThan(0.01);
  });
});

describe("what the network sees", () => {
  it.each(GOLDEN.networkSizes)("is of Python's size for $width x $height", ({ width, height, network }) => {
    expect(networkSize({ width, height })).toEqual({ width: network[0], height: network[1] });
  });

  it.each(GOLDEN.lightness)("$picture at $width x $height: is Python's", ({ picture, width, height, values }) => {
    const { gray } = goldenPicture(picture);
    const seen = new NetworkLightness(gray, { width, height });
    for (let row = 0; row < gray.height; row += 7) {
      const rows = gray.pixels.subarray(row * gray.width, (row + 7) * gray.width);
      seen.add(lightnessOf(rows, new Float32Array(rows.length)));
    }
    expect(largestDifference(seen.plane().values, values)).toBeLessThan(0.002);
  });
});

describe("what the network is told", () => {
  it.each(GOLDEN.feeds)("is what Python tells it ($#)", ({ guidance, feeds }) => {
    const told = { ...hintFeeds(guidance.hints, { width: 16, height: 12 }), ...referenceFeeds(guidance.reference) };
    expect(Object.keys(told).sort()).toEqual(Object.keys(feeds).sort());
    for (const [name, { dims, data }] of Object.entries(feeds)) {
      expect(told[name]?.dims, name).toEqual(dims);
      expect(largestDifference(told[name]?.data ?? [], data), name).toBeLessThan(0.001);
    }
  });

  it("takes shares of the bins as they are", () => {
    const histogram = AB_BINS.map((_, bin) => (bin === 7 ? 1 : 0));
    const told = referenceFeeds({ histogram, saturation: null });
    expect(Array.from(told.histogram?.data ?? [])).toEqual(histogram);
    expect(told.histogram_given?.data).toEqual(Float32Array.of(1));
  });
});

describe("the palette of a picture", () => {
  it("is Python's", () => {
    const { picture, histogram, saturation } = GOLDEN.palette;
    const { width, height, rgb } = goldenPicture(picture);
    const size = { width: PALETTE_SIDE, height: PALETTE_SIDE };
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const [red, green, blue] = [0, 1, 2].map((channel) => {
      const values = rgb.filter((_, i) => i % 3 === channel);
      return resample({ width, height, values }, whole, size, BOX);
    }) as [Float32Array, Float32Array, Float32Array];
    const found = paletteOf([red, green, blue]);
    // Pillow rounds to bytes between rows and columns: a few of 4096 blocks fall into the next bin.
    expect(largestDifference(found.histogram ?? [], histogram)).toBeLessThan(0.003);
    expect(found.histogram?.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    expect(found.saturation).toBeCloseTo(saturation, 3);
  });
});
