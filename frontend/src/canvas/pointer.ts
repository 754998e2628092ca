/** Mouse, pen and touch on the canvas. */

import type { Place } from "../engine/engine";
import type { Edits } from "../studio/edits";
import { RADIUS_STEP } from "../studio/edits";
import { presentDocument, type State } from "../studio/state";
import type { Store } from "../studio/store";
import { markAt } from "./markers";
import type { Stage } from "./stage";
import type { Point } from "./viewport";

/** How far a pointer may stray and still be a click. */
const CLICK_REACH = 4;
/** How near to a marker it must be to be meant: more for a finger. */
const REACH = { mouse: 12, pen: 14, touch: 22 } as const;
/** Of the wheel: so many pixels are a factor of e. */
const WHEEL_PIXELS = 400;
const LINE_PIXELS = 20;

/** What one pointer does, from its press to its release. */
interface Gesture {
  move(point: Point, by: Point): void;
  /** @param clicked - It did not stray. */
  end(point: Point, clicked: boolean): void;
  cancel(): void;
}

interface Held {
  readonly start: Point;
  last: Point;
  strayed: boolean;
}

export class Pointers {
  readonly #stage: Stage;
  readonly #store: Store<State>;
  readonly #edits: Edits;
  readonly #held = new Map<number, Held>();
  #gesture: Gesture | null = null;
  /** The space key is held: drags pan. */
  panning = false;

  constructor(element: HTMLElement, stage: Stage, store: Store<State>, edits: Edits) {
    this.#stage = stage;
    this.#store = store;
    this.#edits = edits;
    element.addEventListener("pointerdown", (event) => this.#press(event, element));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#release(event));
    element.addEventListener("pointercancel", (event) => this.#cancel(event));
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #press(event: PointerEvent, element: HTMLElement): void {
    if (event.target instanceof HTMLInputElement || event.button > 1 || !this.#store.state.photograph) {
      return;
    }
    element.setPointerCapture(event.pointerId);
    const point = this.#stage.point(event);
    this.#held.set(event.pointerId, { start: point, last: point, strayed: false });
    this.#store.set({ crosshair: null });
    if (this.#held.size === 1) {
      this.#gesture = this.#begin(event, point);
    } else {
      // A second finger: whatever the first one began is not meant.
      this.#gesture?.cancel();
      this.#gesture = null;
    }
  }

  #move(event: PointerEvent): void {
    const held = this.#held.get(event.pointerId);
    if (!held) {
      return;
    }
    for (const passed of event.getCoalescedEvents?.() ?? [event]) {
      const point = this.#stage.point(passed);
      held.strayed ||= Math.hypot(point.x - held.start.x, point.y - held.start.y) > CLICK_REACH;
      if (this.#held.size === 2) {
        this.#pinch(held, point);
      } else if (held.strayed) {
        this.#gesture?.move(point, { x: point.x - held.last.x, y: point.y - held.last.y });
      } else {
        continue;
      }
      held.last = point;
    }
  }

  #release(event: PointerEvent): void {
    const held = this.#held.get(event.pointerId);
    this.#held.delete(event.pointerId);
    if (held && this.#gesture) {
      this.#gesture.end(this.#stage.point(event), !held.strayed);
      this.#gesture = null;
    }
  }

  #cancel(event: PointerEvent): void {
    this.#held.delete(event.pointerId);
    this.#gesture?.cancel();
    this.#gesture = null;
  }

  #begin(event: PointerEvent, point: Point): Gesture {
    const { state } = this.#store;
    const place = this.#stage.place(point);
    const photograph = this.#stage.photograph;
    if (this.panning || event.button === 1 || !place || !photograph) {
      return this.#panGesture(() => place ?? this.#edits.select(null));
    }
    if (state.placing && state.selected !== null) {
      const id = state.selected;
      return this.#panGesture((at) => at && this.#edits.moveTo(id, at));
    }
    const reach = REACH[event.pointerType as keyof typeof REACH] ?? REACH.mouse;
    const marks = state.marksShown ? presentDocument(state).marks : [];
    const mark = markAt({ viewport: this.#stage.viewport, photograph }, marks, point, reach);
    if (mark && state.tool !== "eyedropper" && state.tool !== "hand") {
      this.#edits.select(mark.id);
      return this.#moveGesture(mark.id, photograph);
    }
    return state.tool === "stroke" ? this.#strokeGesture(place) : this.#panGesture((at) => at && this.use(at));
  }

  /** Do at a place what the tool at hand does. */
  use(place: Place): void {
    switch (this.#store.state.tool) {
      case "neutral":
        this.#edits.addNeutral(place);
        break;
      case "eyedropper": {
        const color = this.#stage.colorAt(place);
        if (color) {
          this.#edits.takeUp(color);
        }
        break;
      }
      case "hand":
        this.#stage.center(place);
        break;
      default:
        this.#edits.addPoint(place);
    }
  }

  /** Drag to pan; a click does something else. */
  #panGesture(click: (place: Place | null) => void): Gesture {
    return {
      move: (_, by) => this.#stage.pan(by.x, by.y),
      end: (point, clicked) => {
        if (clicked) {
          click(this.#stage.place(point));
        }
      },
      cancel: () => undefined,
    };
  }

  #moveGesture(id: number, photograph: { width: number; height: number }): Gesture {
    const { scale } = this.#stage.viewport;
    return {
      move: (_, by) => this.#edits.move(id, by.x / scale / photograph.width, by.y / scale / photograph.height),
      end: () => this.#edits.settle(),
      cancel: () => this.#edits.settle(),
    };
  }

  #strokeGesture(start: Place): Gesture {
    this.#store.set({ path: [start] });
    return {
      move: (point) => {
        const place = this.#stage.place(point);
        if (place) {
          this.#store.set({ path: [...this.#store.state.path, place] });
        }
      },
      end: () => this.#edits.endStroke(),
      cancel: () => this.#store.set({ path: [] }),
    };
  }

  #pinch(held: Held, point: Point): void {
    const other = [...this.#held.values()].find((candidate) => candidate !== held);
    if (!other) {
      return;
    }
    const before = Math.hypot(held.last.x - other.last.x, held.last.y - other.last.y);
    const after = Math.hypot(point.x - other.last.x, point.y - other.last.y);
    this.#stage.pan((point.x - held.last.x) / 2, (point.y - held.last.y) / 2);
    if (before > 0) {
      const middle = { x: (point.x + other.last.x) / 2, y: (point.y + other.last.y) / 2 };
      this.#stage.zoom(after / before, middle);
    }
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS);
    if (event.altKey) {
      this.#edits.resize(RADIUS_STEP ** -Math.sign(pixels));
    } else if (event.shiftKey) {
      this.#stage.pan(-pixels - event.deltaX, 0);
    } else {
      // A trackpad's pinch comes as a wheel with Ctrl, in smaller steps.
      this.#stage.zoom(Math.exp((-pixels / WHEEL_PIXELS) * (event.ctrlKey ? 4 : 1)), this.#stage.point(event));
    }
  }
}
