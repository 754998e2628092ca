/**
 * Colours in plain English, for screen readers and lists: "dark reddish brown", "pale blue".
 *
 * The words and their order follow the ISCC-NBS method of designating colours (NBS Circular 553, 1955), level 3: a hue,
 * before it how light and how strong. Its 267 irregular blocks are replaced by a few borders in CIELAB's lightness,
 * chroma and hue angle, placed so that the named colours of CSS get the words one expects.
 */

import { hexToLab } from "./hex";

/** Borders between the steps of lightness that a word knows: brown is dark by itself, pink is light. */
type Steps = "dark" | "middle" | "light";

interface Term {
  readonly word: string;
  readonly steps: Steps;
}

interface Sector {
  /** Hue angle in degrees where the sector ends. */
  readonly end: number;
  /** What the hue is called as an addition to gray and white. */
  readonly tinge: string;
  readonly term: Term;
  /** Below a lightness and a chroma the hue has another name: dark orange is brown. */
  readonly shade?: Term & { readonly lightness: number; readonly chroma: number };
  /** From a lightness on, below a chroma: light red is pink. */
  readonly tint?: Term & { readonly lightness: number; readonly chroma: number };
}

const ANY = Number.POSITIVE_INFINITY;

const SECTORS: readonly Sector[] = [
  {
    end: 18,
    tinge: "reddish",
    term: { word: "purplish red", steps: "middle" },
    tint: { word: "pink", steps: "light", lightness: 58, chroma: ANY },
  },
  {
    end: 43,
    tinge: "reddish",
    term: { word: "red", steps: "middle" },
    shade: { word: "reddish brown", steps: "dark", lightness: 55, chroma: 42 },
    tint: { word: "pink", steps: "light", lightness: 60, chroma: 60 },
  },
  {
    end: 54,
    tinge: "reddish",
    term: { word: "reddish orange", steps: "middle" },
    shade: { word: "reddish brown", steps: "dark", lightness: 58, chroma: 60 },
    tint: { word: "pink", steps: "light", lightness: 75, chroma: 30 },
  },
  {
    end: 80,
    tinge: "brownish",
    term: { word: "orange", steps: "middle" },
    shade: { word: "brown", steps: "dark", lightness: 64, chroma: ANY },
    tint: { word: "tan", steps: "light", lightness: 64, chroma: 45 },
  },
  {
    end: 95,
    tinge: "yellowish",
    term: { word: "golden yellow", steps: "light" },
    shade: { word: "yellowish brown", steps: "dark", lightness: 64, chroma: ANY },
    tint: { word: "beige", steps: "light", lightness: 64, chroma: 32 },
  },
  {
    end: 112,
    tinge: "yellowish",
    term: { word: "yellow", steps: "light" },
    shade: { word: "olive", steps: "dark", lightness: 65, chroma: ANY },
  },
  {
    end: 128,
    tinge: "greenish",
    term: { word: "yellowish green", steps: "middle" },
    shade: { word: "olive green", steps: "dark", lightness: 60, chroma: 60 },
  },
  { end: 160, tinge: "greenish", term: { word: "green", steps: "middle" } },
  { end: 180, tinge: "greenish", term: { word: "bluish green", steps: "middle" } },
  { end: 222, tinge: "bluish", term: { word: "blue-green", steps: "middle" } },
  { end: 242, tinge: "bluish", term: { word: "greenish blue", steps: "middle" } },
  { end: 290, tinge: "bluish", term: { word: "blue", steps: "middle" } },
  { end: 318, tinge: "purplish", term: { word: "violet", steps: "middle" } },
  {
    end: 340,
    tinge: "purplish",
    term: { word: "purple", steps: "middle" },
    tint: { word: "purplish pink", steps: "light", lightness: 80, chroma: ANY },
  },
  {
    end: 360,
    tinge: "purplish",
    term: { word: "reddish purple", steps: "middle" },
    tint: { word: "purplish pink", steps: "light", lightness: 54, chroma: ANY },
  },
];

/** Lightness below which a word is very dark, dark, itself and light; above the last it is very light. */
const STEPS: Readonly<Record<Steps, readonly [number, number, number, number]>> = {
  dark: [15, 32, 50, 66],
  middle: [20, 40, 68, 84],
  light: [40, 62, 80, 90],
};
const LIGHTNESS_WORDS = ["very dark", "dark", "", "light", "very light"] as const;

const NEUTRAL_CHROMA = 3.5;
const GRAYISH_CHROMA = 17;
const PALE_CHROMA = 32;
const VIVID_CHROMA = 75;
const VIVID_LIGHTNESS = 30;

/** What a colour "#rrggbb" is called. Throws a RangeError for anything else. */
export function colorName(hex: string): string {
  const [lightness, a, b] = hexToLab(hex);
  const chroma = Math.hypot(a, b);
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
  if (chroma < NEUTRAL_CHROMA) {
    return neutralName(lightness);
  }
  const sector = sectorOf(lightness, chroma, hue);
  if (chroma < tingeChroma(lightness)) {
    return `${sector.tinge} ${neutralName(lightness)}`;
  }
  const term = termOf(sector, lightness, chroma);
  return [...qualities(term, lightness, chroma), term.word].join(" ");
}

function neutralName(lightness: number): string {
  if (lightness < 8) {
    return "black";
  }
  if (lightness >= 95) {
    return "white";
  }
  return `${lightnessWord("middle", lightness)} gray`.trimStart();
}

/** Chroma below which a colour is a tinged gray: in the dark and near white, less chroma is seen as colour. */
function tingeChroma(lightness: number): number {
  return lightness > 88 ? 7 : Math.min(5 + lightness / 8, 12);
}

function sectorOf(lightness: number, chroma: number, hue: number): Sector {
  // CIELAB bends blue: the purest and darkest blues have the hue angles of paler violets.
  const pureBlue = 290 + 8 * Math.min(Math.max(chroma / Math.max(lightness, 1) - 1, 0), 2.5);
  const straightened = hue > 290 && hue < pureBlue ? 289 : hue;
  const sector = SECTORS.find(({ end }) => straightened < end);
  if (!sector) {
    throw new RangeError(`a hue angle must lie in 0 to 360, got ${hue}`);
  }
  return sector;
}

function termOf({ term, shade, tint }: Sector, lightness: number, chroma: number): Term {
  if (shade && lightness < shade.lightness && chroma < shade.chroma) {
    return shade;
  }
  if (tint && lightness >= tint.lightness && chroma < tint.chroma) {
    return tint;
  }
  return term;
}

function qualities({ steps }: Term, lightness: number, chroma: number): string[] {
  const light = lightnessWord(steps, lightness);
  if (chroma > VIVID_CHROMA && lightness > VIVID_LIGHTNESS) {
    return ["vivid"];
  }
  if (light === "very light" && chroma < PALE_CHROMA) {
    return ["pale"];
  }
  const words = light === "very dark" || chroma >= GRAYISH_CHROMA ? [light] : [light, "grayish"];
  return words.filter((word) => word !== "");
}

function lightnessWord(steps: Steps, lightness: number): string {
  const step = STEPS[steps].findIndex((border) => lightness < border);
  return LIGHTNESS_WORDS[step < 0 ? 4 : step] ?? "";
}
