/** Marks and the crosshair over the picture: of one size at any zoom, with a ring that contrasts with any colour. */

import { anchorOf, type Mark } from "../document/document";
import type { Place } from "../engine/engine";
import type { Hint, Size } from "../render/contract";
import { type Point, toScreen, type Viewport } from "./viewport";

const RADIUS = 6.5;
const SELECTED_RADIUS = 8.5;
const CROSSHAIR = 14;

/** What the overlay shows in one pane. */
export interface Overlay {
  readonly marks: readonly Mark[];
  readonly selected: number | null;
  /** Colour shown at a hint. */
  readonly shownColor: (hint: Hint) => string;
  readonly crosshair: Place | null;
  /** A stroke that is being drawn. */
  readonly path: readonly Place[];
}

export interface Ground {
  readonly context: CanvasRenderingContext2D;
  readonly viewport: Viewport;
  readonly photograph: Size;
}

export function drawOverlay(ground: Ground, overlay: Overlay): void {
  const { marks, selected, crosshair, path } = overlay;
  for (const mark of marks) {
    if (mark.id !== selected) {
      drawMark(ground, mark, overlay);
    }
  }
  const chosen = marks.find(({ id }) => id === selected);
  if (chosen) {
    drawMark(ground, chosen, overlay);
  }
  if (path.length > 1) {
    drawPath(ground, path);
  }
  if (crosshair) {
    drawCrosshair(ground.context, toScreen(ground.viewport, ground.photograph, crosshair));
  }
}

/** The mark under a point, the topmost first. */
export function markAt(
  { viewport, photograph }: Omit<Ground, "context">,
  marks: readonly Mark[],
  point: Point,
  reach: number,
): Mark | undefined {
  const distance = (hint: Hint) => {
    const at = toScreen(viewport, photograph, hint);
    return Math.hypot(at.x - point.x, at.y - point.y);
  };
  const near = marks.filter(({ hints }) => hints.some((hint) => distance(hint) <= reach));
  const nearest = (mark: Mark) => Math.min(...mark.hints.map(distance));
  return near.sort((one, other) => nearest(one) - nearest(other))[0];
}

function drawMark(ground: Ground, mark: Mark, { selected, shownColor }: Overlay): void {
  const { context, viewport, photograph } = ground;
  const isSelected = mark.id === selected;
  if (mark.hints.length > 1) {
    drawPath(ground, mark.hints);
  }
  const anchor = anchorOf(mark);
  const at = toScreen(viewport, photograph, anchor);
  if (isSelected) {
    const reach = anchor.radius * Math.max(photograph.width, photograph.height) * viewport.scale;
    for (const hint of mark.hints) {
      drawReach(context, toScreen(viewport, photograph, hint), reach);
    }
  }
  drawMarker(context, at, isSelected ? SELECTED_RADIUS : RADIUS, shownColor(anchor));
  if (anchor.color === null) {
    drawBar(context, at);
  }
  if (isSelected) {
    ring(context, at, SELECTED_RADIUS + 4, "#fff", 1.5);
    ring(context, at, SELECTED_RADIUS + 5.25, "#000", 1);
  }
}

function drawMarker(context: CanvasRenderingContext2D, at: Point, radius: number, color: string): void {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  ring(context, at, radius, "#fff", 2);
  ring(context, at, radius + 1.5, "#000", 1);
}

/** Across a marker that says "neutral". */
function drawBar(context: CanvasRenderingContext2D, { x, y }: Point): void {
  for (const [style, width] of [
    ["#000", 3.5],
    ["#fff", 1.5],
  ] as const) {
    line(
      context,
      [
        { x: x - 3.5, y: y + 3.5 },
        { x: x + 3.5, y: y - 3.5 },
      ],
      style,
      width,
    );
  }
}

function drawReach(context: CanvasRenderingContext2D, at: Point, reach: number): void {
  if (reach > SELECTED_RADIUS) {
    ring(context, at, reach, "rgb(0 0 0 / 60%)", 2.5);
    ring(context, at, reach, "rgb(255 255 255 / 90%)", 1);
  }
}

function drawPath({ context, viewport, photograph }: Ground, places: readonly Place[]): void {
  const points = places.map((place) => toScreen(viewport, photograph, place));
  line(context, points, "rgb(0 0 0 / 70%)", 3.5);
  line(context, points, "#fff", 1.5);
}

function drawCrosshair(context: CanvasRenderingContext2D, { x, y }: Point): void {
  for (const [style, width] of [
    ["#000", 4],
    ["#fff", 2],
  ] as const) {
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const from = { x: x + dx * 4, y: y + dy * 4 };
      line(context, [from, { x: x + dx * CROSSHAIR, y: y + dy * CROSSHAIR }], style, width);
    }
  }
}

function ring(context: CanvasRenderingContext2D, at: Point, radius: number, style: string, width: number): void {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke();
}

function line(context: CanvasRenderingContext2D, points: readonly Point[], style: string, width: number): void {
  context.beginPath();
  for (const { x, y } of points) {
    context.lineTo(x, y);
  }
  context.strokeStyle = style;
  context.lineWidth = width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.stroke();
}
