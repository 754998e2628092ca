/**
 * The random numbers of `numpy.random.default_rng`, so that a seed gives the same variants here as in Python: PCG64
 * (O'Neill 2014, XSL-RR 128/64), seeded by NumPy's SeedSequence.
 */

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL = 4;

/** Numbers in 0 to 1, 1 not included. */
export type Random = () => number;

/**
 * Begin a row of numbers.
 *
 * @param seed - Whole numbers of 32 bits, not negative, at most four: what `default_rng` is given as a tuple.
 */
export function defaultRandom(seed: readonly number[]): Random {
  const [high = 0n, low = 0n, incrementHigh = 0n, incrementLow = 0n] = seedWords(seed);
  const increment = ((((incrementHigh << 64n) | incrementLow) << 1n) | 1n) & MASK_128;
  const next = (state: bigint) => (state * MULTIPLIER + increment) & MASK_128;
  let state = next((increment + ((high << 64n) | low)) & MASK_128);
  return () => {
    state = next(state);
    const folded = (state >> 64n) ^ (state & MASK_64);
    const turn = state >> 122n;
    const word = ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
    return Number(word >> 11n) / 2 ** 53;
  };
}

/** Draw an index, each with its chance; the chances need not sum to 1. */
export function draw(random: Random, chances: readonly number[]): number {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  const at = random() * total;
  let sum = 0;
  const drawn = chances.findIndex((chance) => {
    sum += chance;
    return at < sum;
  });
  return drawn === -1 ? chances.length - 1 : drawn;
}

/** Four words of 64 bits, as SeedSequence mixes them. */
function seedWords(seed: readonly number[]): bigint[] {
  const pool = mixedPool(seed);
  let hash = 0x8b51f9dd;
  const words = Array.from({ length: 2 * POOL }, (_, i) => {
    const value = (pool[i % POOL] as number) ^ hash;
    hash = Math.imul(hash, 0x58f38ded);
    const product = Math.imul(value, hash);
    return BigInt((product ^ (product >>> 16)) >>> 0);
  });
  return Array.from({ length: POOL }, (_, i) => (words[2 * i] as bigint) | ((words[2 * i + 1] as bigint) << 32n));
}

function mixedPool(seed: readonly number[]): Int32Array {
  let hash = 0x43b0d7e5;
  const hashed = (value: number) => {
    const mixed = value ^ hash;
    hash = Math.imul(hash, 0x931e8875);
    const product = Math.imul(mixed, hash);
    return product ^ (product >>> 16);
  };
  const pool = Int32Array.from({ length: POOL }, (_, i) => hashed(seed[i] ?? 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) {
      if (from !== to) {
        const word = hashed(pool[from] as number);
        const sum = Math.imul(0xca01f9dd, pool[to] as number) - Math.imul(0x4973f715, word);
        pool[to] = sum ^ (sum >>> 16);
      }
    }
  }
  return pool;
}
