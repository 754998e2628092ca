/** The canvas: where the photograph lies on the screen, and what is drawn of it. */

import type { Place } from "../engine/engine";
import type { Mode, Size } from "../render/contract";
import { report } from "../studio/notices";
import { shownColor } from "../studio/places";
import { awaitsColor, presentDocument, type State } from "../studio/state";
import type { Store } from "../studio/store";
import { drawOverlay } from "./markers";
import { type Layer, Painter } from "./painter";
import { inPane, type Pane, type Panes, panesOf } from "./panes";
import {
  fitted,
  isInside,
  type Point,
  pan,
  partSize,
  reveal,
  toPlace,
  toScreen,
  type Viewport,
  visiblePart,
  zoomAt,
  zoomTo,
} from "./viewport";

/** On what of the state the picture depends, beside its colours. */
const DIVIDED_BY = ["photograph", "view", "peeking", "split"] as const satisfies (keyof State)[];
/** How long the view must rest before its part is fetched. */
const REST_MS = 60;
/** Longest side of a part that the engine gives. */
const MOST_PIXELS = 4096;
/** From this many device pixels a pixel on, pixels are shown as squares. */
const PIXEL_SCALE = 3;

export class Stage {
  readonly #element: HTMLElement;
  readonly #picture: HTMLCanvasElement;
  readonly #overlay: HTMLCanvasElement;
  readonly #store: Store<State>;
  readonly #painter: Painter;
  readonly #listeners = new Set<(viewport: Viewport) => void>();
  #size: Size = { width: 1, height: 1 };
  #viewport: Viewport = { scale: 1, left: 0, top: 0 };
  /** It follows the canvas' size until the person zooms. */
  #fits = true;
  #frame = 0;
  /** Other colours or another part are to be drawn; the marks are drawn each time. */
  #pictureIsOld = true;
  /** Until the view rests. */
  #rest: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param element - Holds the canvases, and is of their size.
   */
  constructor(element: HTMLElement, store: Store<State>) {
    this.#element = element;
    this.#store = store;
    this.#picture = document.createElement("canvas");
    this.#overlay = document.createElement("canvas");
    for (const canvas of [this.#picture, this.#overlay]) {
      canvas.className = "stage-canvas";
      canvas.setAttribute("aria-hidden", "true");
    }
    element.prepend(this.#picture, this.#overlay);
    this.#painter = new Painter(
      () => this.#drawSoon(true),
      (error) => report(store, "The picture could not be drawn", error),
    );
    new ResizeObserver(() => this.#resize()).observe(element);
    store.watch((state, previous) => this.#update(state, previous));
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** The canvas as it is divided now. */
  get panes(): Panes {
    const { view, peeking, split } = this.#store.state;
    return panesOf(peeking ? "original" : view, this.#size, split);
  }

  get photograph(): Size | null {
    return this.#store.state.photograph?.opened.size ?? null;
  }

  onViewport(listener: (viewport: Viewport) => void): void {
    this.#listeners.add(listener);
  }

  /** A point of the window as one of the pane under it. */
  point({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point {
    const { left, top } = this.#element.getBoundingClientRect();
    return inPane(this.panes, { x: clientX - left, y: clientY - top });
  }

  /** The place under a point; null outside of the photograph. */
  place(point: Point): Place | null {
    const place = this.photograph && toPlace(this.#viewport, this.photograph, point);
    return place && isInside(place) ? place : null;
  }

  focus(): void {
    this.#element.focus({ preventScroll: true });
  }

  fit(): void {
    this.#fits = true;
    this.#setViewport((photograph, pane) => fitted(photograph, pane));
  }

  zoom(factor: number, point: Point = this.#middle()): void {
    this.#fits = false;
    this.#setViewport((photograph, pane) => zoomAt(this.#viewport, photograph, pane, point, factor));
  }

  /** @param pixels - Device pixels a pixel of the photograph. */
  zoomToScale(pixels: number): void {
    this.#fits = false;
    const scale = pixels / devicePixelRatio;
    this.#setViewport((photograph, pane) => zoomTo(this.#viewport, photograph, pane, this.#middle(), scale));
  }

  pan(dx: number, dy: number): void {
    this.#fits = false;
    this.#setViewport((photograph, pane) => pan(this.#viewport, photograph, pane, dx, dy));
  }

  /** Bring a place into the middle. */
  center(place: Place): void {
    const { width, height } = this.panes.size;
    const { x, y } = toScreen(this.#viewport, this.photograph ?? this.#size, place);
    this.pan(width / 2 - x, height / 2 - y);
  }

  reveal(place: Place): void {
    this.#setViewport((photograph, pane) => reveal(this.#viewport, photograph, pane, place));
  }

  /** The colour that is shown at a place. */
  colorAt(place: Place): string | null {
    const { photograph } = this.#store.state;
    const layer = this.#painter.layers("result").at(-1);
    if (!photograph || !layer) {
      return null;
    }
    const { part, image } = layer;
    const { width, height } = photograph.opened.size;
    const column = Math.floor(((place.x * width - part.left) / (part.right - part.left)) * image.width);
    const row = Math.floor(((place.y * height - part.top) / (part.bottom - part.top)) * image.height);
    const at = (Math.min(row, image.height - 1) * image.width + Math.min(column, image.width - 1)) * 4;
    const channels = [...image.data.subarray(at, at + 3)];
    return channels.length === 3 ? `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}` : null;
  }

  #middle(): Point {
    const { width, height } = this.panes.size;
    return { x: width / 2, y: height / 2 };
  }

  #setViewport(change: (photograph: Size, pane: Size) => Viewport): void {
    if (this.photograph) {
      this.#viewport = change(this.photograph, this.panes.size);
      for (const listener of this.#listeners) {
        listener(this.#viewport);
      }
      this.#drawSoon(true);
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#look(), REST_MS);
      this.#noteBusy();
    }
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#element;
    this.#size = { width: Math.max(clientWidth, 1), height: Math.max(clientHeight, 1) };
    for (const canvas of [this.#picture, this.#overlay]) {
      canvas.width = Math.round(this.#size.width * devicePixelRatio);
      canvas.height = Math.round(this.#size.height * devicePixelRatio);
    }
    if (this.#fits) {
      this.fit();
    } else {
      this.pan(0, 0);
    }
    // A canvas of another size is empty: drawn before it is shown, it does not flicker.
    this.#pictureIsOld = true;
    this.#draw();
  }

  #update(state: State, previous: State): void {
    if (state.photograph !== previous.photograph) {
      this.#painter.begin(state.photograph);
      this.fit();
    }
    if (state.colors && state.colors !== previous.colors) {
      this.#painter.setColors(state.colors.grid, state.colors.hints);
    }
    if (state.view !== previous.view && this.#fits) {
      this.fit();
    }
    this.#look();
    this.#drawSoon(DIVIDED_BY.some((key) => state[key] !== previous[key]));
  }

  #look(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    const { state } = this.#store;
    const { photograph } = state;
    const { panes, size } = this.panes;
    const part = photograph && visiblePart(this.#viewport, photograph.opened.size, size);
    if (part) {
      const { decode, saturation, temperature } = presentDocument(state);
      this.#painter.want({
        part,
        size: partSize(part, this.#viewport.scale * devicePixelRatio, MOST_PIXELS),
        modes: panes.map(({ mode }) => mode),
        decode,
        saturation,
        temperature,
        uncertainty: state.uncertainty,
      });
    }
    this.#noteBusy();
  }

  /** @param picture - Not the marks alone. */
  #drawSoon(picture: boolean): void {
    this.#pictureIsOld ||= picture;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#pictureIsOld) {
      this.#pictureIsOld = false;
      this.#drawPanes(this.#picture, (context, mode) => this.#drawPicture(context, mode));
    }
    this.#drawPanes(this.#overlay, (context, mode) => this.#drawMarks(context, mode));
    this.#noteBusy();
  }

  #drawPanes(canvas: HTMLCanvasElement, draw: (context: CanvasRenderingContext2D, mode: Mode) => void): void {
    const context = canvas.getContext("2d");
    if (context) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      for (const pane of this.panes.panes) {
        inside(context, pane, () => draw(context, pane.mode));
      }
    }
  }

  /** Whether what is to be seen is still being made, for whoever waits for it. */
  #noteBusy(): void {
    const { state } = this.#store;
    const busy =
      state.photograph !== null &&
      (state.renewing || state.measuring || awaitsColor(state) || this.#rest !== undefined || !this.#painter.isCurrent);
    this.#element.setAttribute("aria-busy", String(busy));
  }

  #drawPicture(context: CanvasRenderingContext2D, mode: Mode): void {
    const layers = this.#painter.layers(mode);
    // Until a mode is painted, the photograph stands in for it.
    for (const layer of layers.length > 0 ? layers : this.#painter.layers("original")) {
      drawLayer(context, layer, this.#viewport);
    }
  }

  #drawMarks(context: CanvasRenderingContext2D, mode: Mode): void {
    const { state } = this.#store;
    const { photograph, crosshair, path, selected, marksShown, peeking } = state;
    // Beside the result, the original is there to be compared with.
    if (!photograph || peeking || (mode === "original" && state.view !== "original")) {
      return;
    }
    drawOverlay(
      { context, viewport: this.#viewport, photograph: photograph.opened.size },
      {
        marks: marksShown ? presentDocument(state).marks : [],
        selected,
        shownColor: (hint) => shownColor(photograph.gray, hint, hint.color),
        crosshair: document.activeElement === this.#element ? crosshair : null,
        path,
      },
    );
  }
}

function drawLayer(context: CanvasRenderingContext2D, { canvas, part }: Layer, viewport: Viewport): void {
  const { scale, left, top } = viewport;
  context.imageSmoothingEnabled = scale * devicePixelRatio < PIXEL_SCALE;
  context.imageSmoothingQuality = "high";
  context.drawImage(
    canvas,
    left + part.left * scale,
    top + part.top * scale,
    (part.right - part.left) * scale,
    (part.bottom - part.top) * scale,
  );
}

function inside(context: CanvasRenderingContext2D, pane: Pane, draw: () => void): void {
  context.save();
  context.setTransform(
    devicePixelRatio,
    0,
    0,
    devicePixelRatio,
    pane.left * devicePixelRatio,
    pane.top * devicePixelRatio,
  );
  context.beginPath();
  context.rect(pane.clipLeft, 0, pane.clipRight - pane.clipLeft, pane.height);
  context.clip();
  draw();
  context.restore();
}
