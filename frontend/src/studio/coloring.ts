/** Keeps the colours in step with the document: the latest edit wins. */

import { anchorOf, colorMark, type Document, findMark, hintsOf, type Mark } from "../document/document";
import { rewrite } from "../document/history";
import type { Guidance, Opened, Suggestion } from "../engine/engine";
import type { Plane } from "../render/contract";
import { report } from "./notices";
import { presentDocument, type State, selectedMark } from "./state";
import type { Store } from "./store";

const SUGGESTIONS = 9;
/** What answers depend on. */
const ASKED_ABOUT = ["photograph", "history", "uncolored", "selected", "view"] as const satisfies (keyof State)[];
/** Cells at either end that may be cut off where uncertainty is shown. */
const IGNORED_SHARE = 0.01;
/** Differences of less are none to be shown. */
const SMALLEST_SPAN = 0.1;

/** Ask the engine whenever the state wants other colours, suggestions or uncertainty than it has. */
export function keepColored(store: Store<State>): void {
  const coloring = new Coloring(store);
  store.watch((state, previous) => {
    if (state === previous || ASKED_ABOUT.some((key) => state[key] !== previous[key])) {
      coloring.update();
    }
  });
}

class Coloring {
  readonly #store: Store<State>;
  readonly #colors = new Question();
  readonly #suggestions = new Question();
  readonly #uncertainty = new Question();
  #opened: Opened | undefined;

  constructor(store: Store<State>) {
    this.#store = store;
  }

  update(): void {
    const { state } = this.#store;
    const opened = state.photograph?.opened;
    if (opened !== this.#opened) {
      this.#opened = opened;
      for (const question of [this.#colors, this.#suggestions, this.#uncertainty]) {
        question.forget();
      }
    }
    if (!opened) {
      return;
    }
    const guidance = guidanceOf(state);
    const wanted = keyOf(opened, guidance);
    const drags = state.history.merging !== null;
    this.#colors.ask(wanted, drags, (signal) => this.#answerColors(opened, guidance, signal), this.#failed);
    this.#store.set({ renewing: this.#colors.isOpen });
    if (!drags) {
      this.#updateSuggestions(opened, state);
    }
    if (state.view === "uncertainty") {
      this.#uncertainty.ask(wanted, drags, (signal) => this.#answerUncertainty(opened, guidance, signal), this.#failed);
    }
    this.#store.set({ measuring: this.#isMeasuring });
  }

  async #answerColors(opened: Opened, guidance: Guidance, signal: AbortSignal): Promise<() => void> {
    const grid = await opened.colors(guidance, signal);
    return () => this.#store.set({ colors: { grid, hints: guidance.hints }, renewing: this.#colors.isOpen });
  }

  async #answerUncertainty(opened: Opened, guidance: Guidance, signal: AbortSignal): Promise<() => void> {
    const uncertainty = stretched(await opened.uncertainty(guidance, signal));
    return () => this.#store.set({ uncertainty, measuring: this.#isMeasuring });
  }

  get #isMeasuring(): boolean {
    return this.#store.state.view === "uncertainty" && this.#uncertainty.isOpen;
  }

  /** Marks that wait for a colour come first, in their order; then the selected one. */
  #updateSuggestions(opened: Opened, state: State): void {
    const document = presentDocument(state);
    const waiting = [...state.uncolored].map((id) => findMark(document, id)).find((mark) => mark !== undefined);
    const mark = waiting ?? selectedMark(state);
    if (!mark) {
      this.#suggestions.forget();
      this.#release(state.uncolored);
      return;
    }
    const guidance = guidanceOf(state, mark);
    const { x, y } = anchorOf(mark);
    const wanted = keyOf(opened, guidance, x, y, mark.id);
    const answer = async (signal: AbortSignal) => {
      const offers = await opened.suggestions(guidance, { x, y }, SUGGESTIONS, signal);
      return () => this.#offer(mark.id, offers);
    };
    this.#suggestions.ask(wanted, false, answer, (error) => {
      this.#release(new Set([mark.id]));
      this.#failed(error);
    });
  }

  /** Show suggestions for a mark, and colour it with the best where it waits for that. */
  #offer(id: number, suggestions: readonly Suggestion[]): void {
    const { state } = this.#store;
    const best = suggestions[0];
    const offered = state.selected === id ? { suggestions } : {};
    if (!state.uncolored.has(id) || !best) {
      this.#store.set(offered);
      this.#release(new Set([id]));
      return;
    }
    const history = rewrite(state.history, (document: Document) =>
      findMark(document, id) ? colorMark(document, id, best.color) : document,
    );
    this.#store.set({ ...offered, history, uncolored: without(state.uncolored, new Set([id])) });
  }

  #release(ids: ReadonlySet<number>): void {
    const { uncolored } = this.#store.state;
    if ([...ids].some((id) => uncolored.has(id))) {
      this.#store.set({ uncolored: without(uncolored, ids) });
    }
  }

  readonly #failed = (error: unknown) => {
    this.#store.set({ renewing: false, measuring: false });
    report(this.#store, "The colours could not be renewed", error);
  };
}

/** A question asked again whenever what it is about changes. */
class Question {
  #wanted: string | null = null;
  #running: AbortController | undefined;
  #next: (() => void) | undefined;

  /** Whether an answer is awaited. */
  get isOpen(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Ask, unless that was asked already.
   *
   * @param wanted - What the question is about.
   * @param patient - Let the question at hand be answered first: what changes all the time would never have an answer.
   * @param answer - Gives what to do with the answer; done only if it is still wanted.
   */
  ask(
    wanted: string,
    patient: boolean,
    answer: (signal: AbortSignal) => Promise<() => void>,
    failed: (error: unknown) => void,
  ): void {
    if (wanted === this.#wanted) {
      return;
    }
    this.#wanted = wanted;
    const begin = () => void this.#run(answer, failed);
    if (this.#running && patient) {
      this.#next = begin;
      return;
    }
    this.#running?.abort();
    begin();
  }

  forget(): void {
    this.#wanted = null;
    this.#next = undefined;
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(answer: (signal: AbortSignal) => Promise<() => void>, failed: (error: unknown) => void): Promise<void> {
    const controller = new AbortController();
    this.#running = controller;
    this.#next = undefined;
    let take: (() => void) | undefined;
    try {
      take = await answer(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) {
        failed(error);
      }
    }
    if (this.#running === controller) {
      this.#running = undefined;
      const next = this.#next as (() => void) | undefined;
      next?.();
      take?.();
    }
  }
}

/** What the network is told: all marks that have their colour, but one. */
export function guidanceOf({ history, uncolored }: State, but?: Mark): Guidance {
  const { marks, reference } = history.present;
  const told = marks.filter((mark) => !uncolored.has(mark.id) && mark.id !== but?.id);
  return { hints: hintsOf(told), reference };
}

/** To be compared by eye, the least open of nearly all cells becomes 0, and the most open 1. */
function stretched(plane: Plane): Plane {
  const sorted = plane.values.toSorted();
  const share = (part: number) => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  const [low, high] = [share(IGNORED_SHARE), share(1 - IGNORED_SHARE)];
  const span = Math.max(high - low, SMALLEST_SPAN);
  return { ...plane, values: plane.values.map((value) => Math.min(Math.max((value - low) / span, 0), 1)) };
}

const NAMES = new WeakMap<object, number>();
let named = 0;

function keyOf(opened: Opened, { hints, reference }: Guidance, ...more: readonly number[]): string {
  const name = (thing: object | null) => {
    if (thing && !NAMES.has(thing)) {
      NAMES.set(thing, ++named);
    }
    return thing && NAMES.get(thing);
  };
  return JSON.stringify([name(opened), name(reference), hints, more]);
}

function without(ids: ReadonlySet<number>, gone: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...ids].filter((id) => !gone.has(id)));
}
