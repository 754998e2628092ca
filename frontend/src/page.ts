/** Puts the page together, whatever its engine. */

import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/controls.css";
import "./styles/canvas.css";
import "./styles/panels.css";
import { listenOnCanvas, listenOnPage } from "./canvas/keys";
import { Pointers } from "./canvas/pointer";
import { Stage } from "./canvas/stage";
import type { Engine, Presence } from "./engine/engine";
import { createAdjustments } from "./panels/adjustments";
import { createColour } from "./panels/colour";
import { element, section } from "./panels/elements";
import { createExport } from "./panels/export";
import { filePicker, listenForFiles } from "./panels/files";
import { keepFocus } from "./panels/focus";
import { createHeader } from "./panels/header";
import { createMarks } from "./panels/marks";
import { createAnnouncer, createNotices } from "./panels/notices";
import { createReference } from "./panels/reference";
import { createShortcuts } from "./panels/shortcuts";
import { createSplit } from "./panels/split";
import { createStatus } from "./panels/status";
import { createToolbar } from "./panels/toolbar";
import { createVariants } from "./panels/variants";
import { createWelcome } from "./panels/welcome";
import { keepColored } from "./studio/coloring";
import { type Bench, canvasCommands, pageCommands } from "./studio/commands";
import { Edits } from "./studio/edits";
import { createStore } from "./studio/state";
import { Works } from "./studio/works";

/**
 * Open the studio.
 *
 * @param createEngine - Told what to do each time that the engine goes away, is busy for long, or is there again.
 */
export function openPage(createEngine: (onPresence: (presence: Presence) => void) => Engine): void {
  const store = createStore();
  const engine = createEngine((presence) => store.set({ presence }));
  const edits = new Edits(store);
  const works = new Works(store, engine, edits);
  const surface = createSurface();
  const stage = new Stage(surface, store);
  const pointers = new Pointers(surface, stage, store, edits);
  const open = (files: readonly File[]) => void works.openFiles(files);
  const chooser = filePicker("Photograph or session file", "image/*,.tif,.tiff,.json", true, open);
  const saving = createExport(store, engine.writing);
  const bench: Bench = {
    store,
    edits,
    stage,
    use: (place) => pointers.use(place),
    openFile: () => chooser.click(),
    closeFile: () => void works.close(),
    save: () => store.state.photograph && saving.open(),
    showShortcuts: () => shortcuts.open(),
  };
  const variants = createVariants(bench);
  const shortcuts = createShortcuts(pageCommands(bench), canvasCommands(bench));

  store.watch((state) => {
    surface.dataset.tool = state.tool;
    surface.classList.toggle("placing", state.placing);
    surface.tabIndex = state.photograph ? 0 : -1;
  });
  listenOnCanvas(surface, canvasCommands(bench), store, pointers);
  listenOnPage(pageCommands(bench));
  listenForFiles(document.body, open);
  keepColored(store);

  const canvas = element("div", { class: "canvas" }, surface, createSplit(store), createWelcome(bench, works, engine));
  canvas.append(createNotices(store));
  document.body.append(
    createHeader(bench, () => variants.open()),
    createToolbar(bench),
    element("main", { "aria-label": "Photograph" }, canvas),
    createPanel(bench, engine),
    createStatus(bench, engine),
    createAnnouncer(store),
    saving.element,
    variants.element,
    shortcuts.element,
    chooser,
  );
  keepFocus(store, () => stage.focus());
  void works.begin();
}

function createSurface(): HTMLElement {
  return element("div", {
    class: "surface",
    role: "application",
    "aria-label": "Photograph. Arrow keys move the crosshair, Enter adds a point, question mark lists all keys.",
  });
}

function createPanel(bench: Bench, engine: Engine): HTMLElement {
  const panel = element(
    "aside",
    { class: "panel", "aria-label": "Colours and settings" },
    section("Colour", true, createColour(bench)),
    section("Marks", true, createMarks(bench)),
    section("Adjustments", true, createAdjustments(bench)),
    section("Reference", false, createReference(bench, engine)),
  );
  bench.store.watch(({ photograph }) => {
    panel.inert = photograph === null;
    panel.classList.toggle("idle", photograph === null);
  });
  return panel;
}
