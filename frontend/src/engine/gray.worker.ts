/** Unpacks gray pictures off the main thread. */

import * as Comlink from "comlink";
import type { GrayPicture } from "../render/contract";

async function unpackGray(file: Blob): Promise<GrayPicture> {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) {
    throw new Error("this browser draws no pictures off the page");
  }
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8ClampedArray(width * height);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = data[i * 4] as number;
  }
  return Comlink.transfer({ width, height, pixels }, [pixels.buffer]);
}

export type UnpackGray = typeof unpackGray;

Comlink.expose(unpackGray);
