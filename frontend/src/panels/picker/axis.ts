/** A labelled slider over one axis of colour, its track in the colours that it leads to. */

import { labToHex } from "../../color/hex";
import { LARGEST, type Wish } from "./wish";

export type AxisName = "a" | "b";

export interface AxisSlider {
  readonly element: HTMLElement;
  show(wish: Wish, lightness: number, name: string): void;
  focus(): void;
}

interface Ends {
  readonly label: string;
  /** What lies at the negative end, and at the positive one. */
  readonly low: string;
  readonly high: string;
}

const ENDS: Readonly<Record<AxisName, Ends>> = {
  a: { label: "Green to red (a)", low: "green", high: "red" },
  b: { label: "Blue to yellow (b)", low: "blue", high: "yellow" },
};
const TRACK_STOPS = 9;

/**
 * @param onMove - Told where the slider stands while it moves, and with `final` once it stays.
 */
export function createAxisSlider(axis: AxisName, onMove: (value: number, final: boolean) => void): AxisSlider {
  const element = document.createElement("label");
  element.className = "picker-axis";
  const text = document.createElement("span");
  text.textContent = ENDS[axis].label;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = String(-LARGEST);
  slider.max = String(LARGEST);
  slider.step = "1";
  const value = document.createElement("span");
  value.className = "picker-number";
  value.setAttribute("aria-hidden", "true");
  element.append(text, value, slider);
  slider.addEventListener("input", () => onMove(slider.valueAsNumber, false));
  slider.addEventListener("change", () => onMove(slider.valueAsNumber, true));
  return {
    element,
    show(wish, lightness, name) {
      const rounded = Math.round(wish[axis]);
      slider.value = String(rounded);
      slider.setAttribute("aria-valuetext", `${axisText(axis, rounded)}: ${name}`);
      slider.style.setProperty("--track", trackGradient(axis, wish, lightness));
      value.textContent = String(rounded).replace("-", "\u2212");
    },
    focus: () => slider.focus(),
  };
}

/** A place on an axis in words. */
export function axisText(axis: AxisName, value: number): string {
  const { low, high } = ENDS[axis];
  if (value === 0) {
    return `neither ${low} nor ${high}`;
  }
  return `${Math.abs(value)} towards ${value < 0 ? low : high}`;
}

function trackGradient(axis: AxisName, wish: Wish, lightness: number): string {
  const stops = Array.from({ length: TRACK_STOPS }, (_, i) => {
    const { a, b }: Wish = { ...wish, [axis]: ((2 * i) / (TRACK_STOPS - 1) - 1) * LARGEST };
    return labToHex([lightness, a, b]);
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
