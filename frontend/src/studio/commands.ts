/** All that can be done by a key, in one table: the keyboard, the tooltips and the help read it. */

import type { Stage } from "../canvas/stage";
import { anchorOf } from "../document/document";
import type { Place } from "../engine/engine";
import { guidanceOf } from "./coloring";
import { type Edits, RADIUS_STEP } from "./edits";
import { report, tell, whileBusy } from "./notices";
import { presentDocument, type State, selectedMark, type Tool, type ViewMode } from "./state";
import type { Store } from "./store";

export interface Command {
  readonly keys: readonly string[];
  readonly words: string;
  readonly group: "Colour" | "Canvas" | "View" | "Work";
  run(event: KeyboardEvent): void;
}

/** What commands act on. */
export interface Bench {
  readonly store: Store<State>;
  readonly edits: Edits;
  readonly stage: Stage;
  /** Do at a place what the tool at hand does. */
  readonly use: (place: Place) => void;
  readonly openFile: () => void;
  readonly closeFile: () => void;
  readonly save: () => void;
  readonly showShortcuts: () => void;
}

/** Of the photograph's width and height; with Shift, so many times that. */
const STEP = 0.01;
const LARGE_STEP = 5;
const ZOOM_STEP = 1.4;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Commands for everywhere on the page but in fields. */
export function pageCommands({ edits, openFile, save }: Bench): readonly Command[] {
  return [
    { keys: ["Ctrl+Z"], words: "Undo", group: "Work", run: () => edits.undo() },
    { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], words: "Redo", group: "Work", run: () => edits.redo() },
    { keys: ["Ctrl+O"], words: "Open a photograph or session", group: "Work", run: openFile },
    { keys: ["Ctrl+S"], words: "Save", group: "Work", run: save },
  ];
}

/** Commands for while the canvas has the focus: only there may single letters be keys. */
export function canvasCommands(bench: Bench): readonly Command[] {
  return [...colorCommands(bench), ...crosshairCommands(bench), ...viewCommands(bench)];
}

function colorCommands({ store, edits, stage, showShortcuts }: Bench): readonly Command[] {
  const tool = (key: string, words: string, chosen: Tool): Command => ({
    keys: [key],
    words,
    group: "Colour",
    run: () => store.set({ tool: chosen }),
  });
  return [
    tool("P", "Point tool", "point"),
    tool("B", "Stroke tool", "stroke"),
    tool("N", "Neutral tool", "neutral"),
    tool("I", "Eyedropper", "eyedropper"),
    tool("H", "Hand tool", "hand"),
    { keys: ["["], words: "Smaller", group: "Colour", run: () => edits.resize(1 / RADIUS_STEP) },
    { keys: ["]"], words: "Larger", group: "Colour", run: () => edits.resize(RADIUS_STEP) },
    {
      keys: ["Delete", "Backspace"],
      words: "Delete the selected mark",
      group: "Colour",
      run: () => {
        const mark = selectedMark(store.state);
        if (mark) {
          edits.remove(mark.id);
        }
      },
    },
    { keys: ["."], words: "Next mark", group: "Colour", run: () => selectNext({ store, edits, stage }, 1) },
    { keys: [","], words: "Previous mark", group: "Colour", run: () => selectNext({ store, edits, stage }, -1) },
    {
      keys: ["Escape"],
      words: "Drop the stroke, or select nothing",
      group: "Colour",
      run: () => (store.state.path.length > 0 ? store.set({ path: [] }) : edits.select(null)),
    },
    { keys: ["W"], words: "Where next?", group: "Colour", run: () => void whereNext({ store, edits, stage }) },
    { keys: ["?"], words: "Keyboard shortcuts", group: "Work", run: showShortcuts },
  ];
}

function crosshairCommands({ store, edits, stage, use }: Bench): readonly Command[] {
  return [
    {
      keys: Object.keys(ARROWS),
      words: "Move the crosshair; with Shift further",
      group: "Canvas",
      run: ({ key, shiftKey }) => {
        const [dx, dy] = ARROWS[key] ?? [0, 0];
        const step = STEP * (shiftKey ? LARGE_STEP : 1);
        const { x, y } = store.state.crosshair ?? { x: 0.5, y: 0.5 };
        const place = { x: clamp(x + dx * step), y: clamp(y + dy * step) };
        setCrosshair(store, stage, place);
        if (store.state.path.length > 0) {
          store.set({ path: [...store.state.path, place] });
        }
      },
    },
    {
      keys: Object.keys(ARROWS).map((key) => `Ctrl+${key}`),
      words: "Move the selected mark; with Shift further",
      group: "Canvas",
      run: ({ key, shiftKey }) => {
        const [dx, dy] = ARROWS[key] ?? [0, 0];
        const step = (STEP / 4) * (shiftKey ? LARGE_STEP : 1);
        nudge({ store, edits, stage }, dx * step, dy * step);
      },
    },
    {
      keys: ["Enter"],
      words: "Use the tool at the crosshair; begin and end a stroke",
      group: "Canvas",
      run: () => {
        const { placing, selected, crosshair, tool, path } = store.state;
        if (!crosshair) {
          setCrosshair(store, stage, { x: 0.5, y: 0.5 });
        } else if (placing && selected !== null) {
          edits.moveTo(selected, crosshair);
        } else if (path.length > 0) {
          edits.endStroke();
        } else if (tool === "stroke") {
          store.set({ path: [crosshair] });
          tell(store, "Arrow keys draw the stroke, Enter ends it, Escape drops it.");
        } else {
          use(crosshair);
        }
      },
    },
  ];
}

function viewCommands({ store, stage }: Bench): readonly Command[] {
  const view = (key: string, words: string, chosen: ViewMode): Command => ({
    keys: [key],
    words,
    group: "View",
    run: () => store.set({ view: chosen }),
  });
  return [
    { keys: ["+", "="], words: "Zoom in", group: "View", run: () => stage.zoom(ZOOM_STEP) },
    { keys: ["-"], words: "Zoom out", group: "View", run: () => stage.zoom(1 / ZOOM_STEP) },
    { keys: ["0"], words: "Fit", group: "View", run: () => stage.fit() },
    { keys: ["1"], words: "100 %", group: "View", run: () => stage.zoomToScale(1) },
    { keys: ["2"], words: "200 %", group: "View", run: () => stage.zoomToScale(2) },
    view("R", "Result", "result"),
    view("G", "Original (gray)", "original"),
    view("S", "Split", "split"),
    view("D", "Side by side", "beside"),
    view("C", "Colours alone", "chroma"),
    view("U", "Uncertainty", "uncertainty"),
    {
      keys: ["M"],
      words: "Show or hide the marks",
      group: "View",
      run: () => store.set({ marksShown: !store.state.marksShown }),
    },
  ];
}

/** Put the crosshair where one more hint should help most. */
export async function whereNext({ store, stage }: Pick<Bench, "store" | "stage" | "edits">): Promise<void> {
  const { photograph } = store.state;
  if (photograph) {
    try {
      const place = await whileBusy(store, "Looking where a point helps most…", () =>
        photograph.opened.nextHint(guidanceOf(store.state)),
      );
      if (store.state.photograph !== photograph) {
        return;
      }
      setCrosshair(store, stage, place);
      stage.focus();
      tell(store, "Here one more point helps most: Enter adds it.");
    } catch (error) {
      report(store, "The place could not be found", error);
    }
  }
}

/** Move the selected mark by fractions of the photograph. */
export function nudge({ store, edits, stage }: Pick<Bench, "store" | "edits" | "stage">, dx: number, dy: number): void {
  const mark = selectedMark(store.state);
  if (mark) {
    edits.move(mark.id, dx, dy);
    edits.settleSoon();
    const moved = selectedMark(store.state);
    if (moved) {
      stage.reveal(anchorOf(moved));
    }
  }
}

function selectNext({ store, edits, stage }: Pick<Bench, "store" | "edits" | "stage">, step: 1 | -1): void {
  if (presentDocument(store.state).marks.length > 0) {
    edits.selectNext(step);
    const mark = selectedMark(store.state);
    if (mark) {
      setCrosshair(store, stage, anchorOf(mark));
    }
  }
}

function setCrosshair(store: Store<State>, stage: Stage, { x, y }: Place): void {
  store.set({ crosshair: { x, y } });
  stage.reveal({ x, y });
}

function clamp(fraction: number): number {
  return Math.min(Math.max(fraction, 0), 1);
}
