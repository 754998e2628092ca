/** The 313 colour bins of Zhang, Isola, Efros 2016, as `photochrom.color.ab_bins` has them: a grid of step 10. */

/** For each a from -90 in steps of 10: the lowest and the highest b that sRGB holds at some lightness. */
const RANGES_OF_B = [
  [50, 90],
  [20, 90],
  [0, 90],
  [-20, 90],
  [-30, 100],
  [-40, 100],
  [-50, 100],
  [-50, 100],
  [-60, 100],
  [-70, 100],
  [-80, 90],
  [-80, 90],
  [-90, 90],
  [-100, 90],
  [-100, 80],
  [-110, 80],
  [-110, 80],
  [-110, 70],
  [-110, 70],
  [-90, 0],
] as const;
const STEP = 10;
const LOWEST_A = -90;

/** The bins' centres, a and b, in the order of the network's distribution. */
export const AB_BINS: readonly (readonly [a: number, b: number])[] = RANGES_OF_B.flatMap(([lowest, highest], row) =>
  Array.from({ length: (highest - lowest) / STEP + 1 }, (_, i) => [LOWEST_A + STEP * row, lowest + STEP * i] as const),
);

/** The index of the bin nearest to a colour. */
export function nearestBin(a: number, b: number): number {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  AB_BINS.forEach(([binA, binB], bin) => {
    const distance = (a - binA) ** 2 + (b - binB) ** 2;
    if (distance < least) {
      nearest = bin;
      least = distance;
    }
  });
  return nearest;
}
