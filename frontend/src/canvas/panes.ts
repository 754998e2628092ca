/** How a way of viewing divides the canvas. */

import type { Mode, Size } from "../render/contract";
import type { ViewMode } from "../studio/state";
import type { Point } from "./viewport";

/** A part of the canvas that shows the photograph in one mode, from `clipLeft` to `clipRight` of its width. */
export interface Pane extends Size {
  readonly left: number;
  readonly top: number;
  readonly mode: Mode;
  readonly clipLeft: number;
  readonly clipRight: number;
}

export interface Panes {
  readonly panes: readonly Pane[];
  /** Of each pane. */
  readonly size: Size;
}

/**
 * @param split - Where the divider stands, as a fraction of the width.
 */
export function panesOf(view: ViewMode, canvas: Size, split: number): Panes {
  const whole = { left: 0, top: 0, ...canvas, clipLeft: 0, clipRight: canvas.width };
  switch (view) {
    case "split": {
      const at = split * canvas.width;
      return {
        size: canvas,
        panes: [
          { ...whole, mode: "original", clipRight: at },
          { ...whole, mode: "result", clipLeft: at },
        ],
      };
    }
    case "beside":
      return besides(canvas);
    default:
      return { size: canvas, panes: [{ ...whole, mode: view }] };
  }
}

/** A point of the canvas as one of the pane in which it lies. */
export function inPane({ size }: Panes, { x, y }: Point): Point {
  return { x: x < size.width ? x : x - size.width, y: y < size.height ? y : y - size.height };
}

function besides(canvas: Size): Panes {
  const across = canvas.width >= canvas.height;
  const size = across
    ? { width: canvas.width / 2, height: canvas.height }
    : { width: canvas.width, height: canvas.height / 2 };
  const pane = (mode: Mode, place: number): Pane => ({
    ...size,
    left: across ? place * size.width : 0,
    top: across ? 0 : place * size.height,
    mode,
    clipLeft: 0,
    clipRight: size.width,
  });
  return { size, panes: [pane("original", 0), pane("result", 1)] };
}
