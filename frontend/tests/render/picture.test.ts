import { describe, expect, it } from "vitest";
import { fitGamut } from "../../src/color/gamut";
import { hexToLab } from "../../src/color/hex";
import { LIGHTNESS_OF_GRAY, srgbToLab, type Triple } from "../../src/color/lab";
import type { GrayPicture, Hint, Rectangle, Size, View } from "../../src/render/contract";
import { levelSize, Picture } from "../../src/render/picture";
import { areaMean } from "../../src/render/planes";
import { GOLDEN_PICTURES, type GoldenPicture, goldenPicture } from "./golden";

const NOTHING = new Float32Array(0);
const CAR = goldenPicture("car_with_hints");
const WIDE = goldenPicture("wide");

/** A part of a gray picture, reduced by area as the service does. */
function crop(gray: GrayPicture, { left, top, right, bottom }: Rectangle, size?: Size): GrayPicture {
  const [width, height] = [right - left, bottom - top];
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    return gray.pixels[(top + Math.floor(i / width)) * gray.width + left + (i % width)] as number;
  });
  const reduced = areaMean({ width, height, values }, size ?? { width, height });
  return { width: reduced.width, height: reduced.height, pixels: Uint8ClampedArray.from(reduced.values) };
}

function whole({ width, height }: Size): Rectangle {
  return { left: 0, top: 0, right: width, bottom: height };
}

function opened(golden: GoldenPicture, hints: readonly Hint[] = golden.hints): Picture {
  const picture = new Picture(golden, crop(golden.gray, whole(golden), levelSize(golden)));
  const { a, b } = golden.colors;
  picture.setGrid({ ...golden.grid, accurateA: NOTHING, accurateB: NOTHING, vividA: a, vividB: b }, hints);
  return picture;
}

function view(golden: GoldenPicture, rectangle: Rectangle, size?: Size): View {
  const { saturation, temperature } = golden;
  const gray = crop(golden.gray, rectangle, size);
  return { ...gray, rectangle, decode: "vivid", saturation, temperature, mode: "result" };
}

function labAt(pixels: Uint8Array | Uint8ClampedArray, channels: number, index: number): Triple {
  const value = (channel: number) => (pixels[index * channels + channel] as number) / 255;
  return srgbToLab([value(0), value(1), value(2)]);
}

function abDistance([, a, b]: Triple, [, otherA, otherB]: Triple): number {
  return Math.hypot(a - otherA, b - otherB);
}

describe("a picture at its own size is Python's", () => {
  const small = GOLDEN_PICTURES.filter(({ name }) => !name.startsWith("wide"));

  it.each(small)("$name: within one step of 8 bits and one unit of ab nearly everywhere", (golden) => {
    const painted = opened(golden).paint(view(golden, whole(golden)));
    let different = 0;
    let far = 0;
    let worst = 0;
    for (let i = 0; i < golden.width * golden.height; i++) {
      const steps = [0, 1, 2].map((c) => Math.abs((painted[4 * i + c] as number) - (golden.rgb[3 * i + c] as number)));
      different += Math.max(...steps) > 1 ? 1 : 0;
      const [ours, python] = [labAt(painted, 4, i), labAt(golden.rgb, 3, i)];
      const distance = abDistance(ours, python);
      far += distance > 1 ? 1 : 0;
      worst = Math.max(worst, distance);
    }
    expect(painted.every((value, i) => i % 4 < 3 || value === 255)).toBe(true);
    expect(different).toBeLessThanOrEqual(0.02 * golden.width * golden.height);
    expect(far).toBeLessThanOrEqual(0.001 * golden.width * golden.height);
    // Two roundings to 8 bits alone may come to that.
    expect(worst).toBeLessThan(1.5);
  });

  it("wide: by way of the level between, all but a few pixels at hints beside edges", () => {
    const painted = opened(WIDE).paint(view(WIDE, whole(WIDE)));
    const far = Array.from({ length: WIDE.width * WIDE.height }, (_, i) =>
      abDistance(labAt(painted, 4, i), labAt(WIDE.rgb, 3, i)),
    ).filter((distance) => distance > 1);
    expect(far.length).toBeLessThan(0.05 * WIDE.width * WIDE.height);
  });
});

describe("a crop", () => {
  it.each([
    ["a small photograph", CAR, { left: 31, top: 40, right: 111, bottom: 99 }],
    ["one larger than the level", WIDE, { left: 540, top: 2, right: 840, bottom: 22 }],
  ])("of %s is a part of the whole", (_, golden, rectangle) => {
    const picture = opened(golden);
    const all = picture.paint(view(golden, whole(golden)));
    const part = picture.paint(view(golden, rectangle));
    const width = rectangle.right - rectangle.left;
    const distances = Array.from({ length: part.length / 4 }, (_, i) => {
      const index = (rectangle.top + Math.floor(i / width)) * golden.width + rectangle.left + (i % width);
      return abDistance(labAt(part, 4, i), labAt(all, 4, index));
    });
    expect(distances.filter((distance) => distance > 1).length).toBeLessThan(0.01 * distances.length);
  });
});

describe("a hint", () => {
  const hints: Hint[] = [
    { x: 0.313, y: 0.427, color: "#b5651d", radius: 0.01 },
    { x: 0.617, y: 0.523, color: null, radius: 0.01 },
    { x: 0.803, y: 0.33, color: "#6f8fae", radius: 0.01 },
  ];
  const places: [string, GoldenPicture, Rectangle, Size | undefined][] = [
    ["a small photograph", CAR, whole(CAR), undefined],
    ["a small photograph shown smaller", CAR, whole(CAR), { width: 41, height: 41 }],
    ["a part of it", CAR, { left: 40, top: 45, right: 130, bottom: 120 }, undefined],
    ["a large photograph", WIDE, whole(WIDE), undefined],
    ["a large photograph shown small", WIDE, whole(WIDE), { width: 430, height: 6 }],
    [
      "a part of that, not quite at its size",
      WIDE,
      { left: 600, top: 0, right: 1700, bottom: 24 },
      { width: 900, height: 20 },
    ],
  ];

  it.each(places)("has its colour to the pixel in %s", (_, golden, rectangle, size) => {
    const shown = view(golden, rectangle, size);
    const painted = opened(golden, hints).paint({ ...shown, saturation: 1, temperature: 0 });
    for (const { x, y, color } of hints) {
      const column = Math.floor(
        ((x * golden.width - rectangle.left) / (rectangle.right - rectangle.left)) * shown.width,
      );
      const row = Math.floor(((y * golden.height - rectangle.top) / (rectangle.bottom - rectangle.top)) * shown.height);
      if (column >= 0 && column < shown.width) {
        const index = row * shown.width + column;
        const lightness = LIGHTNESS_OF_GRAY[shown.pixels[index] as number] as number;
        const [, a, b] = color === null ? [0, 0, 0] : hexToLab(color);
        expect(abDistance(labAt(painted, 4, index), fitGamut([lightness, a, b]))).toBeLessThan(2);
      }
    }
  });
});

describe("the modes", () => {
  const shown = view(CAR, whole(CAR));
  const grayOf = (painted: Uint8ClampedArray, i: number) => Array.from(painted.subarray(4 * i, 4 * i + 4));

  it("original is the photograph's gray", () => {
    const painted = opened(CAR).paint({ ...shown, mode: "original" });
    const expected = Array.from(CAR.gray.pixels, (gray) => [gray, gray, gray, 255]).flat();
    expect(Array.from(painted)).toEqual(expected);
  });

  it("without colours the result is the photograph's gray too", () => {
    const painted = new Picture(CAR, CAR.gray).paint(shown);
    expect(grayOf(painted, 5000)).toEqual([...Array(3).fill(CAR.gray.pixels[5000]), 255]);
  });

  it("chroma shows the colours at one lightness", () => {
    const painted = opened(CAR).paint({ ...shown, mode: "chroma" });
    const lightness = Array.from(CAR.gray.pixels, (_, i) => labAt(painted, 4, i)[0]);
    expect(Math.min(...lightness)).toBeGreaterThan(64.5);
    expect(Math.max(...lightness)).toBeLessThan(65.7);
  });

  it("uncertainty is even in chroma and one in hue, whatever lies below", () => {
    const steps = { width: 3, height: 1, values: Float32Array.of(0, 0.5, 1) };
    for (const below of [0, 128, 255]) {
      const gray = { width: 3, height: 1, pixels: new Uint8ClampedArray(3).fill(below) };
      const rectangle = whole(gray);
      const painted = new Picture(gray, gray).paint({
        ...shown,
        ...gray,
        rectangle,
        mode: "uncertainty",
        uncertainty: steps,
      });
      const colors = [0, 1, 2].map((i) => labAt(painted, 4, i));
      const chromas = colors.map(([, a, b]) => Math.hypot(a, b));
      expect(chromas[0]).toBeLessThan(0.1);
      expect(chromas[1]).toBeCloseTo(24, -0.5);
      expect(chromas[2]).toBeCloseTo(48, -0.5);
      expect(colors[2]?.[0]).toBeCloseTo(colors[0]?.[0] as number, 0);
    }
  });

  it("the decode asked for is the one shown", () => {
    const picture = new Picture(CAR, CAR.gray);
    const plane = (value: number) => new Float32Array(4).fill(value);
    const [accurateA, accurateB, vividA, vividB] = [plane(20), plane(0), plane(0), plane(20)];
    picture.setGrid({ width: 2, height: 2, accurateA, accurateB, vividA, vividB }, []);
    const index = CAR.gray.pixels.findIndex((gray) => gray > 120 && gray < 140);
    expect(labAt(picture.paint({ ...shown, decode: "accurate" }), 4, index)[1]).toBeCloseTo(20, -0.5);
    expect(labAt(picture.paint({ ...shown, decode: "vivid" }), 4, index)[2]).toBeCloseTo(20, -0.5);
  });
});

it("saturation and temperature change what was painted before without a new grid", () => {
  const picture = opened(CAR, []);
  const shown = view(CAR, whole(CAR));
  const index = CAR.gray.pixels.findIndex((gray) => gray > 120 && gray < 140);
  const [, a, b] = labAt(picture.paint(shown), 4, index);
  const [, halfA, halfB] = labAt(picture.paint({ ...shown, saturation: 0.5, temperature: 10 }), 4, index);
  expect(Math.hypot(halfA - a / 2, halfB - (b / 2 + 10))).toBeLessThan(1);
});
