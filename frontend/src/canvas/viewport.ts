/** Where on the screen the photograph lies: a scale and a shift. Lengths of the screen are in CSS pixels. */

import type { Place } from "../engine/engine";
import type { Rectangle, Size } from "../render/contract";

export interface Viewport {
  /** CSS pixels a pixel of the photograph. */
  readonly scale: number;
  /** Where the photograph's top left corner is. */
  readonly left: number;
  readonly top: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Around a photograph that fits. */
const MARGIN = 12;
/** Device pixels a pixel of the photograph. */
const LARGEST_SCALE = 32;

/** The whole photograph in the middle; small ones are enlarged to be worked on. */
export function fitted(photograph: Size, pane: Size): Viewport {
  const scale = fitScale(photograph, pane);
  return {
    scale,
    left: (pane.width - photograph.width * scale) / 2,
    top: (pane.height - photograph.height * scale) / 2,
  };
}

/** Zoom by a factor; what is at `point` stays there. */
export function zoomAt(viewport: Viewport, photograph: Size, pane: Size, point: Point, factor: number): Viewport {
  return zoomTo(viewport, photograph, pane, point, viewport.scale * factor);
}

export function zoomTo(viewport: Viewport, photograph: Size, pane: Size, point: Point, scale: number): Viewport {
  const smallest = Math.min(fitScale(photograph, pane), 1);
  const held = Math.min(Math.max(scale, smallest), LARGEST_SCALE);
  const factor = held / viewport.scale;
  return inside(
    {
      scale: held,
      left: point.x - (point.x - viewport.left) * factor,
      top: point.y - (point.y - viewport.top) * factor,
    },
    photograph,
    pane,
  );
}

export function pan(viewport: Viewport, photograph: Size, pane: Size, dx: number, dy: number): Viewport {
  return inside({ ...viewport, left: viewport.left + dx, top: viewport.top + dy }, photograph, pane);
}

/** Shift as little as needed for a place to lie well within the pane. */
export function reveal(viewport: Viewport, photograph: Size, pane: Size, place: Place): Viewport {
  const { x, y } = toScreen(viewport, photograph, place);
  const shift = (at: number, length: number) => {
    const border = Math.min(48, length / 4);
    return Math.max(border - at, 0) + Math.min(length - border - at, 0);
  };
  return pan(viewport, photograph, pane, shift(x, pane.width), shift(y, pane.height));
}

export function toScreen(viewport: Viewport, photograph: Size, place: Place): Point {
  return {
    x: viewport.left + place.x * photograph.width * viewport.scale,
    y: viewport.top + place.y * photograph.height * viewport.scale,
  };
}

/** The place under a point; outside of the photograph it leaves 0 to 1. */
export function toPlace(viewport: Viewport, photograph: Size, point: Point): Place {
  return {
    x: (point.x - viewport.left) / viewport.scale / photograph.width,
    y: (point.y - viewport.top) / viewport.scale / photograph.height,
  };
}

export function isInside({ x, y }: Place): boolean {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1;
}

/** What a pane shows of the photograph, in whole pixels of it; null where that is nothing. */
export function visiblePart(viewport: Viewport, photograph: Size, pane: Size): Rectangle | null {
  const left = Math.max(0, Math.floor(-viewport.left / viewport.scale));
  const top = Math.max(0, Math.floor(-viewport.top / viewport.scale));
  const right = Math.min(photograph.width, Math.ceil((pane.width - viewport.left) / viewport.scale));
  const bottom = Math.min(photograph.height, Math.ceil((pane.height - viewport.top) / viewport.scale));
  return left < right && top < bottom ? { left, top, right, bottom } : null;
}

/** The size at which to fetch a part: that of the device's pixels, no larger than the part itself. */
export function partSize({ left, top, right, bottom }: Rectangle, deviceScale: number, most: number): Size {
  const scale = Math.min(deviceScale, 1, most / Math.max(right - left, bottom - top));
  const length = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return { width: length(right - left), height: length(bottom - top) };
}

function fitScale(photograph: Size, pane: Size): number {
  const width = Math.max(pane.width - 2 * MARGIN, 1) / photograph.width;
  const height = Math.max(pane.height - 2 * MARGIN, 1) / photograph.height;
  return Math.min(width, height, LARGEST_SCALE);
}

/** No further than to the middle: the photograph cannot be lost. */
function inside(viewport: Viewport, photograph: Size, pane: Size): Viewport {
  const held = (at: number, length: number, room: number) =>
    length <= room ? clamp(at, 0, room - length) : clamp(at, room / 2 - length, room / 2);
  return {
    scale: viewport.scale,
    left: held(viewport.left, photograph.width * viewport.scale, pane.width),
    top: held(viewport.top, photograph.height * viewport.scale, pane.height),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
