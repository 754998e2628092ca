/** The dialog that lists all keys. */

import type { Command } from "../studio/commands";
import { createDialog, type Dialog } from "./dialog";
import { element } from "./elements";

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};
/** What is no command but a way to hold or turn something. */
const HELD: readonly (readonly [string, string])[] = [
  ["O (hold)", "The original"],
  ["Space + drag", "Pan"],
  ["Wheel, pinch", "Zoom"],
  ["Alt + wheel", "Size of the mark"],
];

export function createShortcuts(page: readonly Command[], canvas: readonly Command[]): Dialog {
  const groups = ["Colour", "Canvas", "View", "Work"] as const;
  const lists = groups.map((group) => {
    const commands = [...canvas, ...page].filter((command) => command.group === group);
    const rows = commands.map(({ keys, words }) => createRow(keysInWords(keys), words));
    const held = group === "Canvas" ? HELD.map(([keys, words]) => createRow([keys], words)) : [];
    return element("div", { class: "shortcuts" }, element("h3", {}, group), element("dl", {}, ...rows, ...held));
  });
  const dialog = createDialog(
    "Keyboard shortcuts",
    element("p", { class: "hint" }, "Keys without Ctrl work while the photograph has the focus."),
    element("div", { class: "shortcut-groups" }, ...lists),
  );
  dialog.element.classList.add("wide");
  return dialog;
}

function createRow(keys: readonly string[], words: string): HTMLElement {
  const names = keys.map((key) => element("kbd", {}, key));
  return element("div", {}, element("dt", {}, ...names), element("dd", {}, words));
}

function keysInWords(keys: readonly string[]): readonly string[] {
  const signed = keys.map((key) => key.replace(/Arrow\w+/, (arrow) => SIGNS[arrow] ?? arrow));
  return signed.length === 4 ? [signed.join(" ").replaceAll(" Ctrl+", " ")] : signed;
}
