/** The list of marks: what is on the canvas, for eyes, keys and screen readers. */

import { colorName } from "../color/names";
import { anchorOf, type Mark } from "../document/document";
import { type Bench, nudge } from "../studio/commands";
import { shownColor } from "../studio/places";
import { presentDocument, type State } from "../studio/state";
import { element, iconButton, textButton } from "./elements";
import { icon } from "./icons";

const NUDGES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const NUDGE = 0.0025;

interface Entry {
  readonly element: HTMLElement;
  /** What it was made of. */
  readonly shows: readonly unknown[];
}

type Entries = ReadonlyMap<number, Entry>;

export function createMarks(bench: Bench): HTMLElement {
  const { store, edits } = bench;
  const list = element("ul", { class: "marks", "aria-label": "Marks" });
  const none = element("p", { class: "hint" }, "Click the photograph: a point lands there, in the likeliest colour.");
  const clear = textButton("Delete all", () => edits.removeAll(), "quiet marks-end");
  let entries: Entries = new Map();
  let shown: readonly Mark[] | null = null;
  let selected: number | null = null;
  let uncolored: ReadonlySet<number> | null = null;
  store.watch((state) => {
    const { marks } = presentDocument(state);
    if (marks !== shown || state.selected !== selected || state.uncolored !== uncolored) {
      [shown, selected, uncolored] = [marks, state.selected, state.uncolored];
      const focused = focusedMark(list);
      entries = renewed(entries, bench, state);
      arrange(
        list,
        [...entries.values()].map(({ element }) => element),
      );
      const back = focused === null ? null : list.querySelector<HTMLElement>(`[data-focus="${focused}"]`);
      // An entry that was deleted from the list leaves the focus to its neighbour.
      (back ?? (focused === null ? null : list.querySelector<HTMLElement>("[aria-current=true]")))?.focus();
      list.hidden = marks.length === 0;
      // When the page is laid out anyway.
      requestAnimationFrame(() => showSelected(list));
      clear.hidden = marks.length < 2;
      none.hidden = marks.length > 0;
    }
  });
  return element("div", {}, none, list, clear);
}

/** Entries by their marks' ids, those that still hold kept: there can be a thousand. */
function renewed(before: Entries, bench: Bench, state: State): Entries {
  const { marks } = presentDocument(state);
  return new Map(
    marks.map((mark, i) => {
      const shows = [mark, i, mark.id === state.selected, state.uncolored.has(mark.id), state.photograph];
      const entry = before.get(mark.id);
      const holds = entry?.shows.every((value, k) => value === shows[k]);
      return [mark.id, entry && holds ? entry : { element: createEntry(bench, state, mark, i), shows }];
    }),
  );
}

/** Make these the list's children; those that stay are not touched. */
function arrange(list: HTMLElement, wanted: readonly HTMLElement[]): void {
  const staying = new Set<Element>(wanted);
  for (const child of [...list.children].filter((other) => !staying.has(other))) {
    child.remove();
  }
  let next = list.firstElementChild;
  for (const child of wanted) {
    if (child === next) {
      next = child.nextElementSibling;
    } else {
      list.insertBefore(child, next);
    }
  }
}

/** Scroll the list alone: the panel around it stays where it is. */
function showSelected(list: HTMLElement): void {
  const entry = list.querySelector<HTMLElement>(".selected");
  if (entry) {
    const top = entry.offsetTop - list.offsetTop;
    const bottom = top + entry.offsetHeight - list.clientHeight;
    list.scrollTop = Math.max(Math.min(list.scrollTop, top), bottom);
  }
}

function createEntry(bench: Bench, state: State, mark: Mark, index: number): HTMLElement {
  const { store, edits, stage } = bench;
  const isSelected = mark.id === state.selected;
  const select = element(
    "button",
    {
      type: "button",
      class: "mark",
      "data-focus": `${mark.id} select`,
      "aria-current": String(isSelected),
      onclick: () => {
        edits.select(mark.id);
        stage.reveal(anchorOf(mark));
      },
    },
    createPatch(state, mark),
    element("span", { class: "mark-words" }, `${index + 1}. ${wordsFor(state, mark)}`),
    element("span", { class: "visually-hidden" }, placeInWords(mark)),
  );
  select.addEventListener("keydown", (event) => {
    const [dx, dy] = NUDGES[event.key] ?? [0, 0];
    if (dx || dy) {
      event.preventDefault();
      edits.select(mark.id);
      nudge(bench, dx * NUDGE * (event.shiftKey ? 5 : 1), dy * NUDGE * (event.shiftKey ? 5 : 1));
    } else if (event.key === "Delete") {
      edits.remove(mark.id);
    }
  });
  const move = iconButton(icon("move"), `Move mark ${index + 1}: then click where to`, () => {
    edits.select(mark.id);
    store.set({ placing: true, crosshair: { ...placeOf(mark) } });
    stage.focus();
  });
  const remove = iconButton(icon("remove"), `Delete mark ${index + 1}`, () => edits.remove(mark.id));
  move.dataset.focus = `${mark.id} move`;
  remove.dataset.focus = `${mark.id} remove`;
  return element("li", { class: isSelected ? "selected" : "" }, select, move, remove);
}

function createPatch({ photograph }: State, mark: Mark): HTMLElement {
  const patch = element("span", { class: "mark-patch" });
  const anchor = anchorOf(mark);
  if (photograph) {
    patch.style.backgroundColor = shownColor(photograph.gray, anchor, anchor.color);
  }
  return patch;
}

/** "Light blue", "Stroke, dark green", "Neutral". */
export function wordsFor({ photograph, uncolored }: State, mark: Mark): string {
  const anchor = anchorOf(mark);
  const name =
    anchor.color === null || !photograph ? "neutral" : colorName(shownColor(photograph.gray, anchor, anchor.color));
  const kind = mark.hints.length > 1 ? `stroke, ${name}` : name;
  const words = uncolored.has(mark.id) ? `${kind} …` : kind;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function placeInWords(mark: Mark): string {
  const { x, y } = placeOf(mark);
  return `${Math.round(x * 100)} %, ${Math.round(y * 100)} %`;
}

function placeOf(mark: Mark): { x: number; y: number } {
  const { x, y } = anchorOf(mark);
  return { x, y };
}

function focusedMark(list: HTMLElement): string | null {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement && list.contains(activeElement)
    ? (activeElement.dataset.focus ?? null)
    : null;
}
