/** The pictures that `tests/golden/make.py` let Python colour. */

import { readFileSync } from "node:fs";
import type { GrayPicture, Hint } from "../../src/render/contract";
import type { ColorPlanes } from "../../src/render/upsample";

const FOLDER = new URL("../golden/", import.meta.url);

interface Description {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly grid: { readonly width: number; readonly height: number };
  readonly hints: readonly Hint[];
  readonly saturation: number;
  readonly temperature: number;
}

export interface GoldenPicture extends Description {
  readonly gray: GrayPicture;
  readonly colors: ColorPlanes;
  /** Python's result, RGB. */
  readonly rgb: Uint8Array;
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")) as T;
}

export const GOLDEN_PICTURES: readonly GoldenPicture[] = goldenJson<Description[]>("pictures.json").map((described) => {
  const { name, width, height, grid } = described;
  const bytes = npyBytes(readFileSync(new URL(`${name}.npy`, FOLDER)));
  const pixels = width * height;
  const cells = grid.width * grid.height;
  const plane = (index: number) =>
    new Float32Array(bytes.slice(pixels + index * cells * 4, pixels + (index + 1) * cells * 4).buffer);
  return {
    ...described,
    gray: { width, height, pixels: new Uint8ClampedArray(bytes.slice(0, pixels).buffer) },
    colors: { ...grid, a: plane(0), b: plane(1) },
    rgb: bytes.slice(pixels + cells * 8),
  };
});

/** The content of a NumPy file of bytes: what follows its header, whose length stands at its ninth byte. */
function npyBytes(file: Buffer): Uint8Array {
  return new Uint8Array(file).slice(10 + file.readUInt16LE(8));
}

export function goldenPicture(name: string): GoldenPicture {
  const found = GOLDEN_PICTURES.find((picture) => picture.name === name);
  if (!found) {
    throw new RangeError(`no golden picture "${name}": run tests/golden/make.py`);
  }
  return found;
}
