/** Colours to choose from, as a list of buttons. */

import { colorName } from "../../color/names";

export interface Swatch {
  readonly color: string;
  /** Its share of the distribution, in 0 to 1, where it is a suggestion. */
  readonly probability?: number;
}

export interface Swatches {
  readonly element: HTMLElement;
  /** Show these; the chosen one, if among them, is marked. Where there are none, the place of the last ones stays empty. */
  show(swatches: readonly Swatch[], chosen: string | null): void;
  /** Focus the first; false if there is none. */
  focus(): boolean;
}

export function createSwatches(title: string, onChoose: (color: string) => void): Swatches {
  const element = document.createElement("section");
  element.className = "picker-swatches";
  element.setAttribute("aria-label", title);
  const heading = document.createElement("h3");
  heading.textContent = title;
  const list = document.createElement("ul");
  element.append(heading, list);
  element.hidden = true;
  const buttons: HTMLButtonElement[] = [];

  // Buttons stay where they are and only change: one that was just pressed keeps the focus.
  const fitCount = (count: number) => {
    while (buttons.length < count) {
      const button = swatchButton(onChoose);
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
      buttons.push(button);
    }
    for (const button of buttons.splice(count)) {
      button.parentElement?.remove();
    }
  };

  return {
    element,
    show(swatches, chosen) {
      list.classList.toggle("empty", swatches.length === 0);
      if (swatches.length === 0) {
        return;
      }
      element.hidden = false;
      fitCount(swatches.length);
      swatches.forEach((swatch, i) => {
        paintButton(buttons[i] as HTMLButtonElement, swatch, swatch.color === chosen);
      });
    },
    focus() {
      const first = list.classList.contains("empty") ? undefined : buttons[0];
      first?.focus();
      return first !== undefined;
    },
  };
}

function swatchButton(onChoose: (color: string) => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  const patch = document.createElement("span");
  patch.className = "picker-patch";
  const share = document.createElement("span");
  share.className = "picker-share";
  button.append(patch, share);
  button.addEventListener("click", () => onChoose(button.dataset.color as string));
  return button;
}

function paintButton(button: HTMLButtonElement, { color, probability }: Swatch, chosen: boolean): void {
  const [patch, share] = button.children as unknown as [HTMLElement, HTMLElement];
  const percent = probability === undefined ? "" : percentText(probability);
  button.dataset.color = color;
  button.setAttribute("aria-pressed", String(chosen));
  button.setAttribute("aria-label", [capitalised(colorName(color)), percent].filter(Boolean).join(", "));
  button.title = `${colorName(color)} ${color}`;
  patch.style.backgroundColor = color;
  share.textContent = percent;
}

/** A share as a person reads it: "24 %", and what is there but rounds to nothing as "<1 %". */
export function percentText(share: number): string {
  const percent = Math.round(share * 100);
  return percent === 0 && share > 0 ? "<1 %" : `${percent} %`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
