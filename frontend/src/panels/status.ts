/** The line at the bottom: zoom, what goes on, and where photographs go. */

import type { Engine, Presence } from "../engine/engine";
import type { Bench } from "../studio/commands";
import { element, iconButton, textButton } from "./elements";
import { icon } from "./icons";

const ZOOM_STEP = 1.4;
const ABSENT: Readonly<Record<Exclude<Presence, "here">, string>> = {
  busy: "The studio's service is busy. Your work is safe here; trying again…",
  away: "The studio's service does not answer. Your work is safe here; trying again…",
};

export function createStatus({ store, stage }: Bench, { host }: Engine): HTMLElement {
  const percent = element("output", { class: "zoom-value", "aria-label": "Zoom" });
  stage.onViewport(({ scale }) => {
    percent.textContent = `${Math.round(scale * devicePixelRatio * 100)} %`;
  });
  const zoom = element(
    "div",
    { class: "zoom", role: "group", "aria-label": "Zoom" },
    iconButton(icon("minus"), "Zoom out", () => stage.zoom(1 / ZOOM_STEP), "-"),
    percent,
    iconButton(icon("plus"), "Zoom in", () => stage.zoom(ZOOM_STEP), "+"),
    textButton("Fit", () => stage.fit(), "quiet"),
    textButton("100 %", () => stage.zoomToScale(1), "quiet"),
    textButton("200 %", () => stage.zoomToScale(2), "quiet"),
  );
  const size = element("span", { class: "size" });
  const doing = element("span", { class: "doing", role: "status" });
  const whereabouts = host ? `Photographs go to ${host} alone` : "Nothing leaves this computer";
  const kept = element("span", { class: "private" }, icon("lock"), whereabouts);
  store.watch(({ photograph, busy, measuring, presence }) => {
    const { width, height } = photograph?.opened.size ?? { width: 0, height: 0 };
    zoom.classList.toggle("invisible", !photograph);
    size.textContent = photograph ? `${width} × ${height}` : "";
    doing.textContent =
      presence === "here" ? (busy ?? (measuring ? "Measuring the uncertainty…" : "")) : ABSENT[presence];
    doing.classList.toggle("away", presence !== "here");
  });
  return element("footer", { class: "status" }, zoom, size, doing, kept);
}
