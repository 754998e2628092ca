/** The panel on which the colour of a hint is chosen. */

import "./picker.css";
import { labToHex } from "../../color/hex";
import { colorName } from "../../color/names";
import { type AxisName, createAxisSlider } from "./axis";
import { createHexField } from "./hex-field";
import { createPlane } from "./plane";
import { createSwatches } from "./swatches";
import { shownColor, type Wish, wishHex, wishOf } from "./wish";

export interface Suggestion {
  readonly color: string;
  readonly ab: readonly [number, number];
  readonly probability: number;
}

export interface PickerState {
  /** CIE L* of the pixel. */
  readonly L: number;
  /** The hint's colour "#rrggbb", or null: neutral. */
  readonly color: string | null;
  readonly suggestions: readonly Suggestion[];
}

export interface PickerEvents {
  /** A colour was picked, null for neutral; `final` is false while a drag goes on. */
  onPick(hex: string | null, final: boolean): void;
}

export interface Picker {
  readonly element: HTMLElement;
  show(state: PickerState): void;
  setRecent(colors: readonly string[]): void;
  focus(): void;
}

/** Build the panel into `host`. It shows what it is told to, and tells what was picked. */
export function createPicker(host: HTMLElement, { onPick }: PickerEvents): Picker {
  let state: PickerState = { L: 50, color: null, suggestions: [] };
  let wish: Wish = { a: 0, b: 0 };
  let recent: readonly string[] = [];

  const pick = (color: string | null, final: boolean) => {
    state = { ...state, color };
    render();
    onPick(color, final);
  };
  const pickWish = (next: Wish, final: boolean) => {
    wish = next;
    pick(wishHex(next, state.L), final);
  };
  const pickColor = (color: string | null) => {
    wish = wishOf(color);
    pick(color, true);
  };

  const current = createCurrent();
  const plane = createPlane(pickWish);
  const along = (axis: AxisName) =>
    createAxisSlider(axis, (value, final) => pickWish({ ...wish, [axis]: value }, final));
  const sliders = [along("a"), along("b")] as const;
  const field = createHexField(pickColor);
  const neutral = createNeutralButton(() => pickColor(null));
  const suggested = createSwatches("Suggested here", pickColor);
  const used = createSwatches("Recent", pickColor);
  const element = document.createElement("div");
  element.className = "picker";
  const row = document.createElement("div");
  row.className = "picker-row";
  row.append(field.element, neutral);
  element.append(
    current.element,
    suggested.element,
    plane.element,
    ...sliders.map((slider) => slider.element),
    row,
    used.element,
  );
  host.append(element);

  const render = () => {
    const shown = labToHex(shownColor(wish, state.L));
    const name = colorName(shown);
    current.show(shown, name, isSnapped(wish, state.L));
    plane.draw({ lightness: state.L, wish, suggestions: state.suggestions.map(({ ab: [a, b] }) => ({ a, b })) });
    for (const slider of sliders) {
      slider.show(wish, state.L, name);
    }
    field.show(state.color ?? shown);
    neutral.setAttribute("aria-pressed", String(state.color === null));
    suggested.show(state.suggestions, state.color);
    used.show(
      recent.map((color) => ({ color })),
      state.color,
    );
  };

  return {
    element,
    show(next) {
      // Rounded to "#rrggbb" and back, a wish would creep while it is dragged.
      if (next.color !== state.color) {
        wish = wishOf(next.color);
      }
      state = next;
      render();
    },
    setRecent(colors) {
      recent = colors;
      render();
    },
    focus() {
      if (!suggested.focus()) {
        sliders[0].focus();
      }
    },
  };
}

function isSnapped(wish: Wish, lightness: number): boolean {
  const [, a, b] = shownColor(wish, lightness);
  return Math.hypot(a - wish.a, b - wish.b) > 1;
}

interface Current {
  readonly element: HTMLElement;
  show(color: string, name: string, snapped: boolean): void;
}

/** What the pixel shows: a patch, its name, and whether it is less than was wished. */
function createCurrent(): Current {
  const element = document.createElement("div");
  element.className = "picker-current";
  const patch = document.createElement("span");
  patch.className = "picker-patch";
  const name = document.createElement("strong");
  const note = document.createElement("small");
  element.append(patch, name, note);
  return {
    element,
    show(color, words, snapped) {
      patch.style.backgroundColor = color;
      name.textContent = words;
      note.textContent = snapped ? "Less than wished: this lightness holds no more colour." : "";
    },
  };
}

function createNeutralButton(onPress: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "picker-neutral";
  button.textContent = "Neutral here";
  button.addEventListener("click", onPress);
  return button;
}
