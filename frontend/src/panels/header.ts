/** The bar at the top: opening, history, ways of viewing, saving. */

import type { Bench } from "../studio/commands";
import { VIEWS, type ViewMode } from "../studio/state";
import { choice, element, iconButton } from "./elements";
import { type IconName, icon } from "./icons";
import { createThemeButton } from "./theme";

const VIEW_NAMES: Readonly<Record<ViewMode, readonly [string, IconName, string]>> = {
  result: ["Result", "result", "R"],
  original: ["Original", "original", "G"],
  split: ["Split", "split", "S"],
  beside: ["Side by side", "beside", "D"],
  chroma: ["Colours alone", "chroma", "C"],
  uncertainty: ["Uncertainty", "uncertainty", "U"],
};

export function createHeader(bench: Bench, showVariants: () => void): HTMLElement {
  const { store, edits } = bench;
  const open = iconButton(icon("open"), "Open", bench.openFile, "Ctrl+O");
  const undo = iconButton(icon("undo"), "Undo", () => edits.undo(), "Ctrl+Z");
  const redo = iconButton(icon("redo"), "Redo", () => edits.redo(), "Ctrl+Shift+Z");
  const variants = iconButton(icon("variants"), "Variants", showVariants);
  const help = iconButton(icon("keyboard"), "Keyboard shortcuts", bench.showShortcuts, "?");
  const save = element(
    "button",
    { type: "button", class: "button primary", title: "Save (Ctrl+S)", onclick: bench.save },
    icon("save"),
    element("span", { class: "save-word" }, "Save"),
  );
  const views = choice<ViewMode>(
    "View",
    VIEWS.map((value) => {
      const [name, drawing, keys] = VIEW_NAMES[value];
      return { value, name, icon: icon(drawing), keys };
    }),
    (view) => store.set({ view }),
  );
  views.element.classList.add("views");
  const name = element("span", { class: "file-name" });
  const close = iconButton(icon("close"), "Close the photograph", bench.closeFile);
  store.watch(({ history, photograph, view }) => {
    undo.disabled = history.past.length === 0;
    redo.disabled = history.future.length === 0;
    save.disabled = photograph === null;
    variants.disabled = photograph === null;
    views.element.classList.toggle("invisible", photograph === null);
    views.show(view);
    close.hidden = photograph === null;
    name.textContent = photograph?.name ?? "";
    document.title = photograph ? `${photograph.name} – Photochrom` : "Photochrom studio";
  });
  return element(
    "header",
    { class: "header" },
    element("div", { class: "header-side" }, element("h1", {}, "Photochrom"), open, undo, redo, name, close),
    views.element,
    element("div", { class: "header-side end" }, variants, help, createThemeButton(), save),
  );
}
