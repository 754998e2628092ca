/** Photographs as the browser decodes them: sRGB of 8 bits, upright, an animation's first frame. */

import type { GrayPicture, Plane, Size } from "../../render/contract";
import { type Palette, Refusal } from "../engine";
import { writeLightness } from "./gray";
import { HEAD, unreadable } from "./kind";
import { NetworkLightness } from "./lightness";
import { MOST_PIXELS, MOST_SIDE } from "./limits";
import { type Channels, PALETTE_SIDE, paletteOf } from "./palette";
import { BOX, resample } from "./resample";

const STRIP_PIXELS = 1 << 20;

export interface Photograph {
  readonly gray: GrayPicture;
  /** CIE L* as the network sees it. */
  readonly lightness: Plane;
  /** 0 to 255, or null where all of it is opaque. */
  readonly opacity: Uint8ClampedArray | null;
}

/** Decode a photograph and keep its lightness. Throws a `Refusal` where that cannot be done. */
export async function readPhotograph(file: Blob): Promise<Photograph> {
  return withBitmap(file, (bitmap) => {
    const { width, height } = bitmap;
    const pixels = new Uint8ClampedArray(width * height);
    const seen = new NetworkLightness(bitmap);
    let opacity: Uint8ClampedArray | null = null;
    for (const { top, rows, rgba } of strips(bitmap)) {
      const start = top * width;
      const lightness = new Float32Array(rows * width);
      writeLightness(rgba, pixels.subarray(start, start + rows * width), lightness);
      seen.add(lightness);
      if (opacity || !isOpaque(rgba)) {
        opacity ??= new Uint8ClampedArray(width * height).fill(255);
        opacity.set(channelOf(rgba, 3), start);
      }
    }
    return { gray: { width, height, pixels }, lightness: seen.plane(), opacity };
  });
}

/** Decode a colour picture and keep its palette. Throws a `Refusal` where that cannot be done. */
export async function readPalette(file: Blob): Promise<Palette> {
  return withBitmap(file, (bitmap) => paletteOf(reducedChannels(bitmap)));
}

async function withBitmap<T>(file: Blob, use: (bitmap: ImageBitmap) => T): Promise<T> {
  const bitmap = await decoded(file);
  try {
    checkSize(bitmap);
    return use(bitmap);
  } finally {
    bitmap.close();
  }
}

async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Refusal(unreadable(new Uint8Array(await file.slice(0, HEAD).arrayBuffer())));
  }
}

function checkSize({ width, height }: Size): void {
  if (width * height > MOST_PIXELS || Math.max(width, height) > MOST_SIDE) {
    throw new Refusal(
      `it has ${width} x ${height} pixels; in a browser at most ${MOST_PIXELS / 1e6} megapixels and ${MOST_SIDE} pixels ` +
        "a side can be opened: use the installed Photochrom, or a smaller copy",
    );
  }
}

interface Strip {
  readonly top: number;
  readonly rows: number;
  readonly rgba: Uint8ClampedArray;
}

/** The picture's rows from the top; all of them at once would take too much memory. */
function* strips(bitmap: ImageBitmap): Generator<Strip> {
  const { width, height } = bitmap;
  const step = Math.min(Math.max(1, Math.floor(STRIP_PIXELS / width)), height);
  const context = new OffscreenCanvas(width, step).getContext("2d", { willReadFrequently: true });
  if (!context) {
    throw new Refusal("this browser draws no pictures off the page; use a newer one");
  }
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    yield { top, rows, rgba: context.getImageData(0, 0, width, rows).data };
  }
}

function reducedChannels(bitmap: ImageBitmap): Channels {
  const { width, height } = bitmap;
  const side = PALETTE_SIDE;
  const narrow = [0, 1, 2].map(() => new Float32Array(side * height));
  for (const { top, rows, rgba } of strips(bitmap)) {
    const whole = { left: 0, top: 0, right: width, bottom: rows };
    narrow.forEach((plane, channel) => {
      const values = channelOf(rgba, channel);
      plane.set(resample({ width, height: rows, values }, whole, { width: side, height: rows }, BOX), top * side);
    });
  }
  const whole = { left: 0, top: 0, right: side, bottom: height };
  const [red, green, blue] = narrow.map((values) =>
    resample({ width: side, height, values }, whole, { width: side, height: side }, BOX),
  ) as [Float32Array, Float32Array, Float32Array];
  return [red, green, blue];
}

function channelOf(rgba: Uint8ClampedArray, channel: number): Uint8ClampedArray {
  const values = new Uint8ClampedArray(rgba.length / 4);
  for (let i = 0; i < values.length; i++) {
    values[i] = rgba[4 * i + channel] as number;
  }
  return values;
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) {
    if (rgba[i] !== 255) {
      return false;
    }
  }
  return true;
}
