import { expect, it } from "vitest";
import { colorName } from "../../src/color/names";

it.each([
  ["#000000", "black"],
  ["#ffffff", "white"],
  ["#808080", "gray"],
  ["#303030", "very dark gray"],
  ["#708090", "bluish gray"],
  ["#ff0000", "vivid red"],
  ["#8b0000", "dark red"],
  ["#5a2d22", "dark reddish brown"],
  ["#8b4513", "brown"],
  ["#b5651d", "light brown"],
  ["#704214", "brown"],
  ["#d2b48c", "tan"],
  ["#ffa500", "vivid orange"],
  ["#ffff00", "vivid yellow"],
  ["#808000", "light olive"],
  ["#556b2f", "olive green"],
  ["#228b22", "green"],
  ["#008080", "blue-green"],
  ["#87ceeb", "light greenish blue"],
  ["#4682b4", "blue"],
  ["#0000ff", "vivid blue"],
  ["#000080", "very dark blue"],
  ["#8a2be2", "vivid violet"],
  ["#800080", "dark purple"],
  ["#ffc0cb", "light pink"],
  ["#ff69b4", "purplish pink"],
  ["#e0ac69", "tan"],
  ["#3b2a22", "dark grayish reddish brown"],
])("%s is called %s", (hex, name) => {
  expect(colorName(hex)).toBe(name);
});

it("every colour has a name of at most four words", () => {
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 15) {
        const hex = `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
        expect(colorName(hex)).toMatch(/^[a-z-]+( [a-z-]+){0,3}$/);
      }
    }
  }
});
