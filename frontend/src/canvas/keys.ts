/** From keys to commands. */

import type { Command } from "../studio/commands";
import type { State } from "../studio/state";
import type { Store } from "../studio/store";
import type { Pointers } from "./pointer";

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
    } else if (isPeek(event)) {
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
    if (event.code === "Space" || event.key.toLowerCase() === "o") {
      release();
    }
  });
  element.addEventListener("blur", release);
}

/** Run the commands of the whole page, but leave fields their own keys. */
export function listenOnPage(commands: readonly Command[]): void {
  addEventListener("keydown", (event) => {
    const edits = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!edits && !document.querySelector("dialog[open]")) {
      runCommand(commands, event);
    }
  });
}

/** A key as the table of commands has it: "Ctrl+Shift+Z", "P", "?". On a Mac, Cmd is Ctrl. */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const modified = event.ctrlKey || event.metaKey;
  // Shift is part of a sign such as "?", and arrows tell it apart themselves.
  const shifted = event.shiftKey && modified && /^[A-Z]$/.test(key);
  return `${modified ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

function runCommand(commands: readonly Command[], event: KeyboardEvent): void {
  const name = keyName(event);
  const command = event.altKey ? undefined : commands.find(({ keys }) => keys.includes(name));
  if (command && !event.defaultPrevented) {
    event.preventDefault();
    command.run(event);
  }
}

function isPeek({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === "o" && !ctrlKey && !metaKey && !altKey;
}
