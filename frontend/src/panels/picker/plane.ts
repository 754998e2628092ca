/** The sRGB colours of one lightness as a plane, a to the right and b upwards, on which a colour is picked by pointing. */

import { fitGamut } from "../../color/gamut";
import { labToHex } from "../../color/hex";
import { labToSrgb } from "../../color/lab";
import { LARGEST, shownColor, type Wish } from "./wish";

export interface PlaneState {
  readonly lightness: number;
  readonly wish: Wish;
  readonly suggestions: readonly Wish[];
}

export interface ColorPlane {
  readonly element: HTMLCanvasElement;
  draw(state: PlaneState): void;
}

/** The gamut is painted this coarsely and enlarged; its border is drawn sharply over it. */
const SLICE_SIDE = 96;
const BORDER_STEPS = 240;
/** A chroma outside of every gamut. */
const BEYOND = 200;
const MARKER = 7;
const SHOWN = 4;
const DOT = 2.5;

/**
 * @param onPoint - Told the colour under the pointer as it is pressed and dragged, and at last with `final`.
 */
export function createPlane(onPoint: (wish: Wish, final: boolean) => void): ColorPlane {
  const element = document.createElement("canvas");
  element.className = "picker-plane";
  element.setAttribute("role", "img");
  const slice = document.createElement("canvas");
  slice.width = SLICE_SIDE;
  slice.height = SLICE_SIDE;
  let painted = Number.NaN;
  let border: readonly Wish[] = [];
  let state: PlaneState | undefined;
  // Not asked of the element whenever it is drawn: the browser would have to lay out the page at once.
  let side = 0;

  const draw = (next: PlaneState) => {
    state = next;
    if (painted !== next.lightness) {
      painted = next.lightness;
      paintSlice(slice, next.lightness);
      border = gamutBorder(next.lightness);
      element.setAttribute(
        "aria-label",
        `Colours of lightness ${Math.round(next.lightness)}; the sliders below pick too`,
      );
    }
    drawPlane(element, slice, border, next, side);
  };
  new ResizeObserver(([entry]) => {
    side = entry?.contentRect.width ?? 0;
    if (state) {
      draw(state);
    }
  }).observe(element);
  followPointer(element, onPoint);
  return { element, draw };
}

function followPointer(element: HTMLCanvasElement, onPoint: (wish: Wish, final: boolean) => void): void {
  let last: Wish | undefined;
  const point = (event: PointerEvent) => {
    last = wishAt(element.getBoundingClientRect(), event.clientX, event.clientY);
    onPoint(last, false);
  };
  const end = () => {
    if (last) {
      onPoint(last, true);
    }
    last = undefined;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      element.setPointerCapture(event.pointerId);
      point(event);
    }
  });
  element.addEventListener("pointermove", (event) => {
    if (last) {
      point(event);
    }
  });
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
}

function wishAt(box: DOMRect, x: number, y: number): Wish {
  const along = (from: number, length: number) => Math.min(Math.max((2 * from) / length - 1, -1), 1) * LARGEST;
  return { a: along(x - box.left, box.width), b: -along(y - box.top, box.height) };
}

/** Paint the colours of a lightness; those out of gamut are clipped, and the border hides them. */
function paintSlice(slice: HTMLCanvasElement, lightness: number): void {
  const context = slice.getContext("2d");
  if (!context) {
    return;
  }
  const image = context.createImageData(SLICE_SIDE, SLICE_SIDE);
  for (let i = 0; i < SLICE_SIDE * SLICE_SIDE; i++) {
    const a = (((i % SLICE_SIDE) + 0.5) / SLICE_SIDE) * 2 * LARGEST - LARGEST;
    const b = LARGEST - ((Math.floor(i / SLICE_SIDE) + 0.5) / SLICE_SIDE) * 2 * LARGEST;
    const [red, green, blue] = labToSrgb([lightness, a, b]);
    image.data.set([red * 255, green * 255, blue * 255, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** The colours of most chroma at a lightness, all around. */
function gamutBorder(lightness: number): Wish[] {
  return Array.from({ length: BORDER_STEPS }, (_, i) => {
    const hue = (i / BORDER_STEPS) * 2 * Math.PI;
    const [, a, b] = fitGamut([lightness, BEYOND * Math.cos(hue), BEYOND * Math.sin(hue)]);
    return { a, b };
  });
}

function drawPlane(
  element: HTMLCanvasElement,
  slice: HTMLCanvasElement,
  border: readonly Wish[],
  state: PlaneState,
  side: number,
): void {
  const context = element.getContext("2d");
  if (!context || side === 0) {
    return;
  }
  const density = window.devicePixelRatio;
  element.width = Math.round(side * density);
  element.height = element.width;
  context.scale(density, density);
  drawSlice(context, slice, border, side);
  drawMarks(context, side, state);
}

function drawSlice(
  context: CanvasRenderingContext2D,
  slice: HTMLCanvasElement,
  border: readonly Wish[],
  side: number,
): void {
  const path = new Path2D();
  for (const color of border) {
    path.lineTo(...placeOf(color, side));
  }
  context.save();
  context.clip(path);
  context.imageSmoothingQuality = "high";
  context.drawImage(slice, 0, 0, side, side);
  context.restore();
}

function drawMarks(
  context: CanvasRenderingContext2D,
  side: number,
  { lightness, wish, suggestions }: PlaneState,
): void {
  const ink = lightness > 55 ? "#000" : "#fff";
  const [middle] = placeOf({ a: 0, b: 0 }, side);
  context.strokeStyle = ink;
  context.globalAlpha = 0.55;
  context.beginPath();
  context.moveTo(middle - 5, middle);
  context.lineTo(middle + 5, middle);
  context.moveTo(middle, middle - 5);
  context.lineTo(middle, middle + 5);
  context.stroke();
  context.globalAlpha = 1;
  for (const suggestion of suggestions) {
    const [, a, b] = shownColor(suggestion, lightness);
    disc(context, placeOf({ a, b }, side), DOT, ink);
  }
  const shown = shownColor(wish, lightness);
  const [wishX, wishY] = placeOf(wish, side);
  const [x, y] = placeOf({ a: shown[1], b: shown[2] }, side);
  if (Math.hypot(wishX - x, wishY - y) > 1) {
    line(context, [wishX, wishY], [x, y]);
    disc(context, [x, y], SHOWN + 2, "#000");
    disc(context, [x, y], SHOWN + 1, "#fff");
    disc(context, [x, y], SHOWN, labToHex(shown));
  }
  ring(context, [wishX, wishY]);
}

type Place = [number, number];

function placeOf({ a, b }: Wish, side: number): Place {
  return [((a + LARGEST) / (2 * LARGEST)) * side, ((LARGEST - b) / (2 * LARGEST)) * side];
}

/** Light within dark, to be seen on every colour. */
function twice(context: CanvasRenderingContext2D): void {
  context.strokeStyle = "#000";
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.stroke();
}

function ring(context: CanvasRenderingContext2D, [x, y]: Place): void {
  context.beginPath();
  context.arc(x, y, MARKER, 0, 2 * Math.PI);
  twice(context);
}

function line(context: CanvasRenderingContext2D, from: Place, to: Place): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  twice(context);
}

function disc(context: CanvasRenderingContext2D, [x, y]: Place, radius: number, color: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
}
