/** A field to type a colour into, which says what is wrong with it. */

import { keyName } from "../../canvas/keys";
import { readHex } from "../../color/hex";

export interface HexField {
  readonly element: HTMLElement;
  show(color: string): void;
}

/** They undo what is being typed. */
const TEXT_HISTORY = ["Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"];

let fields = 0;

export function createHexField(onColor: (color: string) => void): HexField {
  const element = document.createElement("div");
  element.className = "picker-hex";
  const label = document.createElement("label");
  const input = document.createElement("input");
  const problem = document.createElement("p");
  problem.id = `picker-hex-problem-${++fields}`;
  problem.setAttribute("role", "alert");
  input.type = "text";
  input.spellcheck = false;
  input.autocomplete = "off";
  input.setAttribute("aria-describedby", problem.id);
  label.append("Hex", input);
  element.append(label, problem);

  let shown = "";
  /** What is being typed is the person's, until it is taken or left. */
  let isTyped = false;
  const complain = (words: string) => {
    problem.textContent = words;
    input.setAttribute("aria-invalid", String(words !== ""));
  };
  input.addEventListener("input", () => {
    isTyped = true;
  });
  input.addEventListener("keydown", (event) => {
    if (isTyped && TEXT_HISTORY.includes(keyName(event))) {
      event.stopPropagation();
    }
  });
  input.addEventListener("change", () => {
    const reading = readHex(input.value);
    if ("problem" in reading) {
      complain(reading.problem);
    } else {
      isTyped = false;
      complain("");
      onColor(reading.color);
    }
  });
  input.addEventListener("blur", () => {
    isTyped = false;
    if (input.getAttribute("aria-invalid") !== "true") {
      input.value = shown;
    }
  });
  return {
    element,
    show(color) {
      shown = color;
      if (!isTyped) {
        complain("");
        input.value = color;
      }
    },
  };
}
