/** What comes after the network, at once and without asking it. */

import { LARGEST_SATURATION, LARGEST_TEMPERATURE } from "../document/document";
import type { Decode } from "../render/contract";
import type { Bench } from "../studio/commands";
import { presentDocument } from "../studio/state";
import { choice, element, slider } from "./elements";

const SATURATION = {
  low: 0,
  high: LARGEST_SATURATION,
  step: 0.01,
  usual: 1,
  words: (value: number) => `${Math.round(value * 100)} %`,
};
const TEMPERATURE = {
  low: -LARGEST_TEMPERATURE,
  high: LARGEST_TEMPERATURE,
  step: 0.5,
  usual: 0,
  words: (value: number) => (value === 0 ? "0" : `${Math.abs(value)} ${value < 0 ? "cooler" : "warmer"}`),
};

export function createAdjustments({ store, edits }: Bench): HTMLElement {
  const decode = choice<Decode>(
    "Colours without hints",
    [
      { value: "vivid", name: "Vivid" },
      { value: "accurate", name: "Accurate" },
    ],
    (value) => edits.decode(value),
  );
  const saturation = slider("Saturation", SATURATION, (value, final) => {
    edits.saturation(value);
    if (final) {
      edits.settle();
    }
  });
  const temperature = slider("Temperature", TEMPERATURE, (value, final) => {
    edits.temperature(value);
    if (final) {
      edits.settle();
    }
  });
  store.watch((state) => {
    const document = presentDocument(state);
    decode.show(document.decode);
    saturation.show(document.saturation);
    temperature.show(document.temperature);
  });
  return element(
    "div",
    { class: "adjustments" },
    element("div", { class: "row" }, element("span", { class: "label" }, "Without hints"), decode.element),
    saturation.element,
    temperature.element,
  );
}
