/** The tools beside the canvas. */

import type { Bench } from "../studio/commands";
import { whereNext } from "../studio/commands";
import { type State, TOOLS, type Tool } from "../studio/state";
import type { Store } from "../studio/store";
import { choice, element, iconButton } from "./elements";
import { type IconName, icon } from "./icons";

const NAMES: Readonly<Record<Tool, readonly [string, IconName, string]>> = {
  point: ["Point", "point", "P"],
  stroke: ["Stroke", "stroke", "B"],
  neutral: ["Neutral here", "neutral", "N"],
  eyedropper: ["Eyedropper", "eyedropper", "I"],
  hand: ["Hand", "hand", "H"],
};

export function createToolbar({ store, edits, stage }: Bench): HTMLElement {
  const tools = choice<Tool>(
    "Tool",
    TOOLS.map((value) => {
      const [name, drawing, keys] = NAMES[value];
      return { value, name, icon: icon(drawing), keys };
    }),
    (tool) => store.set({ tool }),
  );
  tools.element.classList.add("tools");
  const next = iconButton(icon("next"), "Where next?", () => void whereNext({ store, edits, stage }), "W");
  const marks = iconButton(icon("eye"), "Show marks", () => store.set({ marksShown: !store.state.marksShown }), "M");
  const peek = createPeek(store);
  const buttons = element("div", { class: "toolbar-buttons" }, tools.element, next, marks, peek);
  store.watch(({ tool, marksShown, photograph }) => {
    tools.show(tool);
    marks.setAttribute("aria-pressed", String(marksShown));
    buttons.classList.toggle("invisible", photograph === null);
  });
  return element("section", { class: "toolbar", "aria-label": "Tools" }, buttons);
}

/** Shows the original for as long as it is held, by finger, mouse, Enter or space. */
function createPeek(store: Store<State>): HTMLButtonElement {
  const button = iconButton(icon("original"), "Hold to see the original", () => undefined, "O");
  const peek = (peeking: boolean) => () => store.set({ peeking });
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    store.set({ peeking: true });
  });
  for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) {
    button.addEventListener(end, peek(false));
  }
  button.addEventListener("keydown", ({ key }) => (key === "Enter" || key === " " ? peek(true)() : undefined));
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  return button;
}
