import { expect, test } from "vitest";
import { keyName } from "../../src/canvas/keys";

const NONE = { ctrlKey: false, metaKey: false, shiftKey: false };

test.each([
  ["P", { ...NONE, key: "p" }],
  ["P", { ...NONE, key: "P", shiftKey: true }],
  ["?", { ...NONE, key: "?", shiftKey: true }],
  ["+", { ...NONE, key: "+", shiftKey: true }],
  ["ArrowLeft", { ...NONE, key: "ArrowLeft", shiftKey: true }],
  ["Ctrl+Z", { ...NONE, key: "z", ctrlKey: true }],
  ["Ctrl+Z", { ...NONE, key: "z", metaKey: true }],
  ["Ctrl+Shift+Z", { ...NONE, key: "Z", ctrlKey: true, shiftKey: true }],
  ["Ctrl+ArrowUp", { ...NONE, key: "ArrowUp", ctrlKey: true, shiftKey: true }],
])("a key is called %s", (name, event) => {
  expect(keyName(event)).toBe(name);
});
