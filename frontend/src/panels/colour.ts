/** The colour of the selected mark, and what new ones get. */

import { anchorOf, LARGEST_RADIUS, SMALLEST_RADIUS } from "../document/document";
import type { Bench } from "../studio/commands";
import { lightnessAt } from "../studio/places";
import { type State, selectedMark, USUAL_RADIUS } from "../studio/state";
import { choice, element, slider } from "./elements";
import { createPicker } from "./picker/picker";

type Brush = "suggested" | "chosen";

/** The slider's steps are even to the eye: each makes a mark larger by the same factor. */
const RADIUS = {
  low: Math.log2(SMALLEST_RADIUS),
  high: Math.log2(LARGEST_RADIUS),
  step: 0.05,
  usual: Math.log2(USUAL_RADIUS),
  words: (value: number) => `${(2 ** value * 100).toFixed(1)} %`,
};

export function createColour({ store, edits }: Bench): HTMLElement {
  const host = element("div", { class: "picker-host" });
  const picker = createPicker(host, { onPick: (hex, final) => edits.color(hex, final) });
  const empty = element("p", { class: "hint" }, "Select a mark, or add one, to choose its colour.");
  const brush = choice<Brush>(
    "Colour of new marks",
    [
      { value: "suggested", name: "Suggested" },
      { value: "chosen", name: "This colour" },
    ],
    (value) => edits.brush(value === "suggested" ? "suggested" : brushColor(store.state)),
  );
  const patch = element("span", { class: "mark-patch" });
  const radius = slider("Size", RADIUS, (value, final) => {
    edits.setRadius(2 ** value);
    if (final) {
      edits.settle();
    }
  });
  store.watch((state, previous) => {
    const mark = selectedMark(state);
    host.hidden = !mark;
    empty.hidden = mark !== undefined;
    if (mark && state.photograph && concerns(state, previous)) {
      const anchor = anchorOf(mark);
      const L = lightnessAt(state.photograph.gray, anchor);
      picker.show({ L, color: anchor.color, suggestions: state.suggestions });
    }
    if (state.recent !== previous.recent) {
      picker.setRecent(state.recent);
    }
    brush.show(state.brush === "suggested" ? "suggested" : "chosen");
    patch.hidden = state.brush === "suggested";
    patch.style.backgroundColor = state.brush === "suggested" ? "" : state.brush;
    radius.show(Math.log2(mark ? anchorOf(mark).radius : state.radius));
  });
  return element(
    "div",
    { class: "colour" },
    empty,
    host,
    radius.element,
    element("div", { class: "row" }, element("span", { class: "label" }, "New marks"), brush.element, patch),
  );
}

function concerns(state: State, previous: State): boolean {
  return (
    selectedMark(state) !== selectedMark(previous) ||
    state.suggestions !== previous.suggestions ||
    state.photograph !== previous.photograph
  );
}

/** The colour that "this colour" means: the selected mark's, or the last one used. */
function brushColor(state: State): string {
  const mark = selectedMark(state);
  return (mark && anchorOf(mark).color) ?? state.recent[0] ?? "#808080";
}
