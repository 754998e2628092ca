/** The divider between the original and the result. */

import type { State } from "../studio/state";
import type { Store } from "../studio/store";
import { element } from "./elements";

const STEPS = 1000;

export function createSplit(store: Store<State>): HTMLElement {
  const input = element("input", { type: "range", min: "0", max: `${STEPS}`, "aria-label": "Divider" });
  const line = element("div", { class: "split-line" });
  const split = element(
    "div",
    { class: "split" },
    line,
    input,
    element("span", { class: "pane-name first" }, "Original"),
    element("span", { class: "pane-name second" }, "Result"),
  );
  input.addEventListener("input", () => store.set({ split: input.valueAsNumber / STEPS }));
  store.watch(({ view, peeking, photograph, split: at }) => {
    const divides = photograph !== null && !peeking;
    split.hidden = !(divides && (view === "split" || view === "beside"));
    split.classList.toggle("beside", view === "beside");
    input.hidden = view !== "split";
    line.hidden = view !== "split";
    input.value = `${Math.round(at * STEPS)}`;
    input.setAttribute("aria-valuetext", `${Math.round(at * 100)} % original`);
    split.style.setProperty("--at", `${at * 100}%`);
  });
  return split;
}
