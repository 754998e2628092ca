/** The coloured photograph at full size as a file, as far as a browser writes them. */

import type { ColorGrid } from "../../render/contract";
import { openFullSize } from "../../render/full";
import { type PictureFormat, Refusal } from "../engine";
import type { Photograph } from "./photograph";
import type { CheckedSession } from "./session";

const STRIP_PIXELS = 1 << 20;
/** At 1, Chromium keeps the colours' full resolution in a JPEG; below, it halves it, which blurs them at edges. */
const QUALITIES: Partial<Record<PictureFormat, number>> = { png: 1, jpeg: 1, webp: 0.95 };

/**
 * Paint a photograph as a session says, and encode it.
 *
 * @param colors - The network's, for the session's hints and reference.
 */
export async function savePhotograph(
  photograph: Photograph,
  colors: ColorGrid,
  session: CheckedSession,
  format: PictureFormat,
): Promise<Blob> {
  const quality = QUALITIES[format];
  if (quality === undefined) {
    throw new Refusal(
      `browsers write no ${format.toUpperCase()}: choose PNG, JPEG or WebP, or save the session and replay it with the ` +
        "installed Photochrom",
    );
  }
  const canvas = painted(photograph, colors, session);
  const type = `image/${format}`;
  const file = await canvas.convertToBlob({ type, quality }).catch(() => null);
  if (file?.type !== type) {
    throw new Refusal(`this browser cannot write so large a picture as ${format.toUpperCase()}: choose another format`);
  }
  return file;
}

function painted({ gray, opacity }: Photograph, colors: ColorGrid, session: CheckedSession): OffscreenCanvas {
  const { width, height } = gray;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) {
    throw new Refusal(
      "this browser has no room for so large a picture: close other tabs, or use the installed Photochrom",
    );
  }
  const { decode } = session.settings;
  const [a, b] = decode === "vivid" ? [colors.vividA, colors.vividB] : [colors.accurateA, colors.accurateB];
  const paint = openFullSize(
    gray,
    { width: colors.width, height: colors.height, a, b },
    session.hints,
    session.settings,
  );
  const step = Math.max(1, Math.floor(STRIP_PIXELS / width));
  for (let top = 0; top < height; top += step) {
    const bottom = Math.min(top + step, height);
    const strip = paint(top, bottom);
    if (opacity) {
      writeOpacity(strip, opacity.subarray(top * width, bottom * width));
    }
    context.putImageData(new ImageData(strip, width), 0, top);
  }
  return canvas;
}

function writeOpacity(rgba: Uint8ClampedArray, opacity: Uint8ClampedArray): void {
  for (let i = 0; i < opacity.length; i++) {
    rgba[4 * i + 3] = opacity[i] as number;
  }
}
