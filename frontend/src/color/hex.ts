import { fitGamut } from "./gamut";
import { labToSrgb, srgbToLab, type Triple } from "./lab";

const LONG = /^#?([0-9a-f]{6})$/i;
const SHORT = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i;

/** What a person typed as a colour: "#rrggbb", or what is wrong with it, in words. */
export type HexReading = { readonly color: string } | { readonly problem: string };

/** Read "#rgb", "#rrggbb" or either without the "#", in any case, as "#rrggbb". */
export function readHex(text: string): HexReading {
  const typed = text.trim();
  const long = LONG.exec(typed);
  if (long) {
    return { color: `#${long[1]}`.toLowerCase() };
  }
  const short = SHORT.exec(typed);
  if (short) {
    const [, red, green, blue] = short;
    return { color: `#${red}${red}${green}${green}${blue}${blue}`.toLowerCase() };
  }
  return { problem: hexProblem(typed) };
}

/** L, a and b of "#rrggbb". Throws a RangeError for anything else. */
export function hexToLab(hex: string): Triple {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) {
    throw new RangeError(`a colour must be "#rrggbb", got "${hex}"`);
  }
  const channel = (start: number) => Number.parseInt(hex.slice(start, start + 2), 16) / 255;
  return srgbToLab([channel(1), channel(3), channel(5)]);
}

/** A colour as "#rrggbb", fitted into the gamut at its lightness. */
export function labToHex(lab: Triple): string {
  const channels = labToSrgb(fitGamut(lab)).map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function hexProblem(typed: string): string {
  if (typed === "") {
    return "Type a colour such as #b5651d.";
  }
  const digits = typed.startsWith("#") ? typed.slice(1) : typed;
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong) {
    return `“${wrong[0]}” is not a hex digit: use 0 to 9 and a to f.`;
  }
  return `${digits.length} hex digits are not a colour: it takes 3 or 6.`;
}
