/** All that the page shows, beside where on the screen the photograph lies. */

import { type Document, EMPTY, findMark, type Mark } from "../document/document";
import { beginHistory, type History } from "../document/history";
import type { Limits, Opened, Place, Presence, Suggestion } from "../engine/engine";
import type { ColorGrid, GrayPicture, Hint, Plane } from "../render/contract";
import { Store } from "./store";

export interface Photograph {
  readonly opened: Opened;
  /** Of its file. */
  readonly name: string;
  /** All of it, reduced. */
  readonly gray: GrayPicture;
}

/** The network's answer, and the hints for which it is. */
export interface Colors {
  readonly grid: ColorGrid;
  readonly hints: readonly Hint[];
}

export const TOOLS = ["point", "stroke", "neutral", "eyedropper", "hand"] as const;
export type Tool = (typeof TOOLS)[number];

export const VIEWS = ["result", "original", "split", "beside", "chroma", "uncertainty"] as const;
export type ViewMode = (typeof VIEWS)[number];

export interface Notice {
  readonly id: number;
  /** Problems stay until they are read, news go. */
  readonly kind: "news" | "problem";
  readonly words: string;
  /** What can be done about it. */
  readonly action?: Action;
}

export interface Action {
  readonly words: string;
  run(): void;
}

export interface State {
  readonly photograph: Photograph | null;
  readonly limits: Limits | null;
  readonly history: History<Document>;
  readonly selected: number | null;
  /** The selected mark waits for a place to go to. */
  readonly placing: boolean;
  /** Marks that wait for the best suggestion as their colour. */
  readonly uncolored: ReadonlySet<number>;
  /** For the selected mark. */
  readonly suggestions: readonly Suggestion[];
  readonly colors: Colors | null;
  /** Other colours are under way. */
  readonly renewing: boolean;
  /** The uncertainty that is looked at is under way. */
  readonly measuring: boolean;
  readonly uncertainty: Plane | null;
  readonly tool: Tool;
  readonly view: ViewMode;
  /** A key or button is held to see the photograph as it was. */
  readonly peeking: boolean;
  readonly marksShown: boolean;
  /** Where the divider stands, as a fraction of the canvas. */
  readonly split: number;
  /** What new marks get. */
  readonly radius: number;
  readonly brush: "suggested" | string;
  readonly recent: readonly string[];
  readonly crosshair: Place | null;
  /** The stroke that is being drawn. */
  readonly path: readonly Place[];
  /** What takes a while, in words. */
  readonly busy: string | null;
  readonly presence: Presence;
  readonly notices: readonly Notice[];
}

export const USUAL_RADIUS = 0.01;

export function createStore(): Store<State> {
  return new Store<State>({
    photograph: null,
    limits: null,
    history: beginHistory(EMPTY),
    selected: null,
    placing: false,
    uncolored: new Set(),
    suggestions: [],
    colors: null,
    renewing: false,
    measuring: false,
    uncertainty: null,
    tool: "point",
    view: "result",
    peeking: false,
    marksShown: true,
    split: 0.5,
    radius: USUAL_RADIUS,
    brush: "suggested",
    recent: [],
    crosshair: null,
    path: [],
    busy: null,
    presence: "here",
    notices: [],
  });
}

export function presentDocument({ history }: State): Document {
  return history.present;
}

/** Whether a mark waits for its colour; one that was undone meanwhile may do so for good. */
export function awaitsColor(state: State): boolean {
  return presentDocument(state).marks.some(({ id }) => state.uncolored.has(id));
}

export function selectedMark(state: State): Mark | undefined {
  return findMark(presentDocument(state), state.selected);
}
