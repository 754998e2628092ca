/** Everything that a person does to the document, each a step that can be undone. */

import {
  addMark,
  anchorOf,
  colorMark,
  type Document,
  findMark,
  hintsOf,
  LARGEST_RADIUS,
  largestId,
  type Mark,
  moveMark,
  type NamedPalette,
  removeMark,
  resizeMark,
  SMALLEST_RADIUS,
} from "../document/document";
import { commit, type History, redo, settle, undo } from "../document/history";
import { strokeHints } from "../document/strokes";
import type { Place } from "../engine/engine";
import type { Decode, Hint } from "../render/contract";
import { tell, warn } from "./notices";
import { predictedColor } from "./places";
import { presentDocument, type State, selectedMark } from "./state";
import type { Store } from "./store";

const MOST_RECENT = 12;
const REST_MS = 700;
/** What one step of a key or the wheel does to a radius. */
export const RADIUS_STEP = 1.25;

export class Edits {
  readonly #store: Store<State>;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;

  constructor(store: Store<State>) {
    this.#store = store;
  }

  /** Add a point of the brush's colour, or else of the best suggestion for the place. */
  addPoint(place: Place): void {
    const { radius, brush } = this.#store.state;
    this.#add([{ ...place, radius, color: this.#firstColor(place) }], "Add point", brush === "suggested");
  }

  addNeutral(place: Place): void {
    this.#add([{ ...place, radius: this.#store.state.radius, color: null }], "Add neutral point", false);
  }

  /** Add the stroke that is being drawn. */
  endStroke(): void {
    const { photograph, radius, brush, path } = this.#store.state;
    this.#store.set({ path: [] });
    const middle = path[Math.floor(path.length / 2)];
    if (photograph && middle) {
      const hints = strokeHints(path, photograph.opened.size, { radius, color: this.#firstColor(middle) });
      this.#add(hints, hints.length > 1 ? "Add stroke" : "Add point", brush === "suggested");
    }
  }

  /** Give the selected mark a colour. */
  color(color: string | null, final: boolean): void {
    const mark = selectedMark(this.#store.state);
    if (mark) {
      const uncolored = new Set([...this.#store.state.uncolored].filter((id) => id !== mark.id));
      this.#store.set({ uncolored });
      this.#commit(colorMark(this.#document, mark.id, color), "Change colour", `color ${mark.id}`);
    }
    if (final) {
      this.settle();
      if (color !== null) {
        this.#remember(color);
      }
    }
  }

  /** Give new marks this colour, or with "suggested" the best for their place. */
  brush(brush: "suggested" | string): void {
    this.#store.set({ brush });
  }

  /** Take up a colour: for the selected mark, or else for new ones. */
  takeUp(color: string): void {
    if (selectedMark(this.#store.state)) {
      this.color(color, true);
    } else {
      this.brush(color);
      this.#remember(color);
    }
  }

  move(id: number, dx: number, dy: number): void {
    this.#commit(moveMark(this.#document, id, dx, dy), "Move", `move ${id}`);
  }

  moveTo(id: number, place: Place): void {
    const mark = findMark(this.#document, id);
    if (mark) {
      const { x, y } = anchorOf(mark);
      this.settle();
      this.move(id, place.x - x, place.y - y);
      this.settle();
      this.#store.set({ placing: false });
    }
  }

  /** Make the selected mark larger, or new ones where none is selected. */
  resize(factor: number): void {
    const mark = selectedMark(this.#store.state);
    this.setRadius((mark ? anchorOf(mark).radius : this.#store.state.radius) * factor);
    this.settleSoon();
  }

  setRadius(radius: number): void {
    const mark = selectedMark(this.#store.state);
    const held = Math.min(Math.max(radius, SMALLEST_RADIUS), LARGEST_RADIUS);
    if (mark) {
      this.#commit(resizeMark(this.#document, mark.id, held), "Change size", `resize ${mark.id}`);
    }
    this.#store.set({ radius: held });
  }

  remove(id: number): void {
    const { marks } = this.#document;
    const at = marks.findIndex((mark) => mark.id === id);
    if (at >= 0) {
      const neighbour = marks[at + 1] ?? marks[at - 1];
      this.#commit(removeMark(this.#document, id), "Delete");
      this.select(neighbour?.id ?? null);
    }
  }

  removeAll(): void {
    this.select(null);
    this.#commit({ ...this.#document, marks: [] }, "Delete all");
  }

  select(id: number | null): void {
    this.settle();
    this.#store.set(this.#selection(id));
  }

  /** Select the mark after the selected one, or before it. */
  selectNext(step: 1 | -1): void {
    const { marks } = this.#document;
    const at = marks.findIndex(({ id }) => id === this.#store.state.selected);
    const next = marks[(at < 0 && step < 0 ? 0 : at) + step] ?? marks.at(step > 0 ? 0 : -1);
    this.select(next?.id ?? null);
  }

  decode(decode: Decode): void {
    this.#commit({ ...this.#document, decode }, "Change colours without hints");
  }

  saturation(saturation: number): void {
    this.#commit({ ...this.#document, saturation }, "Change saturation", "saturation");
  }

  temperature(temperature: number): void {
    this.#commit({ ...this.#document, temperature }, "Change temperature", "temperature");
  }

  reference(reference: NamedPalette | null): void {
    this.#commit({ ...this.#document, reference }, reference ? "Use reference" : "Remove reference");
  }

  /** Take over a variant: the marks stay, and its further hints become points. */
  useVariant(hints: readonly Hint[]): void {
    const drawn = hints.slice(hintsOf(this.#document.marks).length);
    const first = this.#newIds(drawn.length);
    this.#commit(
      drawn.reduce((document, hint, i) => addMark(document, first + i, [hint]), this.#document),
      "Use variant",
    );
  }

  /** Take over another document as a step; its marks get ids of their own here. */
  replace(document: Document, words: string): void {
    const first = this.#newIds(document.marks.length);
    this.select(null);
    this.#commit({ ...document, marks: document.marks.map((mark, i) => ({ ...mark, id: first + i })) }, words);
  }

  undo(): void {
    this.#travel(undo, ({ past }) => past.at(-1)?.words, "Undone");
  }

  redo(): void {
    this.#travel(redo, ({ future }) => future[0]?.words, "Redone");
  }

  /** What follows is a step of its own. */
  settle(): void {
    clearTimeout(this.#rest);
    this.#store.set({ history: settle(this.#store.state.history) });
  }

  /** End a step made of single presses of a key or turns of a wheel once they rest. */
  settleSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.settle(), REST_MS);
  }

  get #document(): Document {
    return presentDocument(this.#store.state);
  }

  #add(hints: readonly Hint[], words: string, uncolored: boolean): void {
    const { limits, uncolored: others } = this.#store.state;
    const document = this.#document;
    if (limits && hintsOf(document.marks).length + hints.length > limits.hints) {
      warn(this.#store, `There can be no more than ${limits.hints} hints. Delete some to add others.`);
      return;
    }
    const id = this.#newIds(1);
    this.#store.set({
      history: commit(this.#store.state.history, addMark(document, id, hints), words),
      ...this.#selection(id),
      uncolored: uncolored ? new Set([...others, id]) : others,
    });
  }

  /** The first of `count` ids that no mark has or had. */
  #newIds(count: number): number {
    const first = Math.max(this.#lastId, largestId(this.#store.state.history)) + 1;
    this.#lastId = first + count - 1;
    return first;
  }

  /** The brush's colour; until there is a suggestion, what the place shows. */
  #firstColor(place: Place): string | null {
    const { brush, photograph, colors } = this.#store.state;
    if (brush !== "suggested" || !photograph || !colors) {
      return brush === "suggested" ? null : brush;
    }
    return predictedColor(photograph.gray, colors, place, this.#document.decode);
  }

  #commit(document: Document, words: string, merge: string | null = null): void {
    this.#store.set({ history: commit(this.#store.state.history, document, words, merge) });
  }

  #travel(
    travel: (history: History<Document>) => History<Document>,
    wordsOf: (history: History<Document>) => string | undefined,
    done: string,
  ): void {
    const { history, selected } = this.#store.state;
    const words = wordsOf(history);
    if (words === undefined) {
      return;
    }
    const travelled = travel(history);
    const kept: Mark | undefined = findMark(travelled.present, selected);
    this.#store.set({ history: travelled, ...this.#selection(kept?.id ?? null) });
    tell(this.#store, `${done}: ${words.toLowerCase()}.`);
  }

  /** What else changes with the selected mark: another one's suggestions are none for it. */
  #selection(id: number | null): Partial<State> {
    const { selected, suggestions } = this.#store.state;
    return { selected: id, placing: false, suggestions: id === selected ? suggestions : [] };
  }

  #remember(color: string): void {
    const others = this.#store.state.recent.filter((other) => other !== color);
    this.#store.set({ recent: [color, ...others].slice(0, MOST_RECENT) });
  }
}
