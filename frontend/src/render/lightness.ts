/** Means over blocks of pixels, one cut by the border being the mean of what is there. */

import type { GrayPicture, Plane, Size } from "./contract";
import { lightnessOf } from "./paint";

/** Collects the rows of a plane, from the top, into the means of its blocks. */
export class BlockMeans {
  readonly #plane: Size;
  readonly #block: Size;
  readonly #means: Size;
  readonly #sums: Float64Array;
  #rows = 0;

  /**
   * @param plane - The size of what is collected.
   * @param block - The size of a block, in whole pixels.
   */
  constructor(plane: Size, block: Size) {
    this.#plane = { width: plane.width, height: plane.height };
    this.#block = block;
    this.#means = { width: Math.ceil(plane.width / block.width), height: Math.ceil(plane.height / block.height) };
    this.#sums = new Float64Array(this.#means.width * this.#means.height);
  }

  /** Take in the next rows, one or more. */
  add(values: Float32Array): void {
    const { width } = this.#plane;
    for (let from = 0; from < values.length; from += width) {
      const start = Math.floor(this.#rows++ / this.#block.height) * this.#means.width;
      for (let column = 0; column < width; column++) {
        const cell = start + Math.floor(column / this.#block.width);
        this.#sums[cell] = (this.#sums[cell] as number) + (values[from + column] as number);
      }
    }
  }

  /** The means, after the last row. */
  means(): Plane {
    const { width, height } = this.#plane;
    const block = this.#block;
    const values = Float32Array.from(this.#sums, (sum, cell) => {
      const rows = Math.min(block.height, height - Math.floor(cell / this.#means.width) * block.height);
      return sum / (rows * Math.min(block.width, width - (cell % this.#means.width) * block.width));
    });
    return { ...this.#means, values };
  }
}

/** The mean CIE L* of each block of a photograph. */
export function blockLightness(gray: GrayPicture, block: Size): Plane {
  const blocks = new BlockMeans(gray, block);
  const lightness = new Float32Array(gray.width);
  for (let row = 0; row < gray.height; row++) {
    blocks.add(lightnessOf(gray.pixels.subarray(row * gray.width, (row + 1) * gray.width), lightness));
  }
  return blocks.means();
}
