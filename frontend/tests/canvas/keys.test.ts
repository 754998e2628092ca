import { expect, test } from "vitest";
import { keyName } from "../../src/canvas/keys";

const NONE = { code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const ALT_GRAPH = { getModifierState: (key: string) => key === "AltGraph" };

test.each([
  ["P", { ...NONE, key: "p" }],
  ["P", { ...NONE, key: "P", shiftKey: true }],
  ["?", { ...NONE, key: "?", shiftKey: true }],
  ["+", { ...NONE, key: "+", shiftKey: true }],
  ["ArrowLeft", { ...NONE, key: "ArrowLeft", shiftKey: true }],
  ["Ctrl+Z", { ...NONE, key: "z", ctrlKey: true }],
  ["Ctrl+Z", { ...NONE, key: "z", metaKey: true }],
  ["Ctrl+Shift+Z", { ...NONE, key: "Z", ctrlKey: true, shiftKey: true }],
  ["Ctrl+Z", { ...NONE, key: "я", code: "KeyZ", ctrlKey: true }],
  ["Ctrl+Shift+Z", { ...NONE, key: "Я", code: "KeyZ", ctrlKey: true, shiftKey: true }],
  ["P", { ...NONE, key: "π", code: "KeyP" }],
  ["[", { ...NONE, key: "х", code: "BracketLeft" }],
  ["Ctrl+Y", { ...NONE, key: "y", code: "KeyZ", ctrlKey: true }],
  ["[", { ...NONE, key: "[", code: "Digit8", ctrlKey: true, altKey: true, ...ALT_GRAPH }],
  ["[", { ...NONE, key: "[", code: "Digit8", ...ALT_GRAPH }],
  ["[", { ...NONE, key: "[", code: "Digit5", altKey: true }],
  ["Alt+P", { ...NONE, key: "p", code: "KeyP", altKey: true }],
  ["Alt+ArrowLeft", { ...NONE, key: "ArrowLeft", code: "ArrowLeft", altKey: true }],
  ["Ctrl+ArrowUp", { ...NONE, key: "ArrowUp", ctrlKey: true, shiftKey: true }],
])("a key is called %s", (name, event) => {
  expect(keyName(event)).toBe(name);
});
