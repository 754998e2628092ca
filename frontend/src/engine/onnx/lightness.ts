/** What the network sees of a photograph: the port of `photochrom.resample.network_lightness`. */

import type { Plane, Size } from "../../render/contract";
import { BlockMeans } from "../../render/lightness";
import { LANCZOS, resample } from "./resample";

/** The longer side of what the network sees, and what both sides are multiples of. */
const NETWORK_SIDE = 256;
const MULTIPLE = 32;
/** Lanczos weighs six pixels a side of its output's; below that many the block mean would blur what it keeps. */
const LANCZOS_REDUCTION = 3;

/** The photograph's proportions as nearly as the network's strides allow. */
export function networkSize({ width, height }: Size): Size {
  const longer = Math.max(width, height);
  const side = (own: number) => Math.max(1, roundedToEven((own * NETWORK_SIDE) / longer / MULTIPLE)) * MULTIPLE;
  return { width: side(width), height: side(height) };
}

/** Reduces (or enlarges) CIE L* to the network's size, antialiased, while a photograph is read. */
export class NetworkLightness {
  readonly #size: Size;
  readonly #part: { readonly left: 0; readonly top: 0; readonly right: number; readonly bottom: number };
  readonly #blocks: BlockMeans;

  constructor(photograph: Size, size: Size = networkSize(photograph)) {
    const block = {
      width: Math.max(1, Math.floor(photograph.width / (size.width * LANCZOS_REDUCTION))),
      height: Math.max(1, Math.floor(photograph.height / (size.height * LANCZOS_REDUCTION))),
    };
    this.#size = size;
    this.#part = { left: 0, top: 0, right: photograph.width / block.width, bottom: photograph.height / block.height };
    this.#blocks = new BlockMeans(photograph, block);
  }

  /** Take in the L* of the next rows. */
  add(lightness: Float32Array): void {
    this.#blocks.add(lightness);
  }

  /** What the network sees, after the last row. */
  plane(): Plane {
    const values = resample(this.#blocks.means(), this.#part, this.#size, LANCZOS);
    return { ...this.#size, values: values.map((lightness) => Math.min(Math.max(lightness, 0), 100)) };
  }
}

/** Round as Python does: a half goes to the even side. */
function roundedToEven(value: number): number {
  const below = Math.floor(value);
  const part = value - below;
  return part === 0.5 ? below + (below % 2) : Math.round(value);
}
