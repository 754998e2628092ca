import { describe, expect, it } from "vitest";
import { hexToLab, labToHex, readHex } from "../../src/color/hex";

describe("a typed colour", () => {
  it.each([
    ["#b5651d", "#b5651d"],
    ["B5651D", "#b5651d"],
    [" #0aF ", "#00aaff"],
    ["fff", "#ffffff"],
  ])("%j is read as %s", (typed, color) => {
    expect(readHex(typed)).toEqual({ color });
  });

  it.each([
    ["", /Type a colour/],
    ["brown", /“r” is not a hex digit/],
    ["#12345", /5 hex digits are not a colour: it takes 3 or 6/],
    ["#b5651dff", /8 hex digits/],
    ["#b5 651", /“ ” is not a hex digit/],
  ])("%j is refused with what is wrong", (typed, problem) => {
    expect(readHex(typed)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

it("a colour that no screen shows becomes one of its lightness and hue", () => {
  const hex = labToHex([60, 120, -90]);
  const [lightness, a, b] = hexToLab(hex);
  expect(lightness).toBeCloseTo(60, 0);
  expect(Math.atan2(b, a)).toBeCloseTo(Math.atan2(-90, 120), 1);
});

it("only six digits are a colour of a hint", () => {
  expect(() => hexToLab("#fff")).toThrow(RangeError);
});
