/** From keys to commands. */

import type { Command } from "../studio/commands";
import type { State } from "../studio/state";
import type { Store } from "../studio/store";
import type { Pointers } from "./pointer";

/** Held, it shows the original. */
const PEEK = "O";

/** Run the commands of the canvas while it has the focus; space pans and O shows the original while they are held. */
export function listenOnCanvas(
  element: HTMLElement,
  commands: readonly Command[],
  store: Store<State>,
  pointers: Pointers,
): void {
  element.addEventListener("keydown", (event) => {
    if (event.target !== element) {
      return;
    }
    if (event.code === "Space") {
      pointers.panning = true;
      element.classList.add("panning");
      event.preventDefault();
    } else if (keyName(event) === PEEK) {
      store.set({ peeking: true });
    } else {
      runCommand(commands, event);
    }
  });
  const release = () => {
    pointers.panning = false;
    element.classList.remove("panning");
    store.set({ peeking: false });
  };
  element.addEventListener("keyup", (event) => {
    if (event.code === "Space" || plainKey(event) === PEEK) {
      release();
    }
  });
  element.addEventListener("blur", release);
}

/** Run the commands of the whole page; a field that needs such a key for itself keeps it from getting here. */
export function listenOnPage(commands: readonly Command[]): void {
  addEventListener("keydown", (event) => {
    if (!document.querySelector("dialog[open]")) {
      runCommand(commands, event);
    }
  });
}

/** What is pressed, as far as a command depends on it. */
export type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> &
  Partial<Pick<KeyboardEvent, "getModifierState">>;

/** Signs whose keys print letters on keyboards of other scripts. */
const SIGNS: Readonly<Record<string, string>> = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: "." };

/** A key as the table of commands has it: "Ctrl+Shift+Z", "P", "?". On a Mac, Cmd is Ctrl. */
export function keyName(event: Press): string {
  const key = plainKey(event);
  // Where AltGr or Option types a sign, they are part of it, and on Windows AltGr is Ctrl and Alt.
  const types = (event.altKey || event.getModifierState?.("AltGraph")) && /^[\p{P}\p{S}]$/u.test(key);
  const modified = !types && (event.ctrlKey || event.metaKey);
  // Shift is part of a sign such as "?", and arrows tell it apart themselves.
  const shifted = event.shiftKey && modified && /^[A-Z]$/.test(key);
  const alt = event.altKey && !types;
  return `${modified ? "Ctrl+" : ""}${alt ? "Alt+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

/** The key's Latin letter or sign: on a keyboard of another script, what its place has on a Latin one. */
function plainKey({ key, code }: Press): string {
  if (/^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key)) {
    return SIGNS[code] ?? code.replace(/^Key/, "");
  }
  return key.length === 1 ? key.toUpperCase() : key;
}

function runCommand(commands: readonly Command[], event: KeyboardEvent): void {
  const name = keyName(event);
  const command = commands.find(({ keys }) => keys.includes(name));
  if (command && !event.defaultPrevented) {
    event.preventDefault();
    command.run(event);
  }
}
