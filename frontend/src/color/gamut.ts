import { labToLinear, type Triple } from "./lab";

/**
 * A colour counts as inside the sRGB gamut up to this much outside of 0 to 1 in linear light, less than a thirtieth of a
 * step in 8 bits: the white of CIELAB, in five digits, lies 8e-5 outside of the cube of the matrix.
 */
const BELOW_BLACK = 1e-5;
const ABOVE_WHITE = 1e-4;
/** Halvings of the scale of chroma: 2 ** -16 of the largest chroma is 0.003. */
const BISECTIONS = 16;

/** Whether sRGB holds a colour, up to a small tolerance. */
export function inGamut(lab: Triple): boolean {
  return labToLinear(lab).every((light) => light >= -BELOW_BLACK && light <= 1 + ABOVE_WHITE);
}

/**
 * The lightness nearest to one, in steps of a half, at which sRGB holds a and b. Where none does, the whole one at which
 * `fitGamut` leaves most of their chroma.
 */
export function heldLightness(lightness: number, a: number, b: number): number {
  for (let distance = 0; distance <= 100; distance += 0.5) {
    for (const candidate of [lightness - distance, lightness + distance]) {
      if (inGamut([candidate, a, b])) {
        return candidate;
      }
    }
  }
  const chroma = (whole: number) => Math.hypot(...fitGamut([whole, a, b]).slice(1));
  const whole = Array.from({ length: 101 }, (_, i) => i);
  return whole.reduce((best, next) => (chroma(next) > chroma(best) ? next : best));
}

/**
 * Bring a colour into the sRGB gamut by giving up chroma; lightness and hue stay. A colour inside of it comes back as
 * it is; where L is outside of 0 to 100, neutral.
 */
export function fitGamut(lab: Triple): Triple {
  if (inGamut(lab)) {
    return lab;
  }
  const [lightness, a, b] = lab;
  let inside = 0;
  let step = 0.5;
  for (let i = 0; i < BISECTIONS; i++) {
    const trial = inside + step;
    if (inGamut([lightness, a * trial, b * trial])) {
      inside = trial;
    }
    step /= 2;
  }
  return [lightness, a * inside, b * inside];
}
