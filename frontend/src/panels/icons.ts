/** Line icons on a grid of 20, drawn in the colour of the text. */

const PATHS = {
  open: "M2.5 15.5v-11h5l1.5 2h8.5v9z M2.5 9h15",
  save: "M10 3v9.5 M6 9l4 4 4-4 M3.5 16.5h13",
  undo: "M7 4 3.5 7.5 7 11 M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8",
  redo: "M13 4l3.5 3.5L13 11 M16 7.5H8.5a4.5 4.5 0 0 0 0 9H12",
  point: "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z M10 1.5v2.5 M10 16v2.5 M1.5 10h2.5 M16 10h2.5",
  stroke: "M3 16c3.5.5 3-4.5 6-5.5s3.5 2 5.5.5S16.5 5 17 3.5",
  neutral: "M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14z M5.2 14.8l9.6-9.6",
  eyedropper: "M11.5 5.5l3 3 M4 16l.5-3 7-7 2.5 2.5-7 7z M13 4.2l1.2-1.2a1.9 1.9 0 0 1 2.8 2.8L15.8 7z",
  hand: "M6.5 10V5a1.2 1.2 0 0 1 2.4 0V3.7a1.2 1.2 0 0 1 2.4 0V5a1.2 1.2 0 0 1 2.4 0v1.5a1.2 1.2 0 0 1 2.4 0V12c0 3-2 5-5 5-2.7 0-3.8-1-5-3.2L3.8 10.5c-.6-1.2.9-2.2 1.8-1.2z",
  next: "M10 2.5a5.5 5.5 0 0 1 5.5 5.5c0 3.5-5.5 9.5-5.5 9.5S4.5 11.5 4.5 8A5.5 5.5 0 0 1 10 2.5z M8.3 7a1.8 1.8 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.3 M10 11.9v.2",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10z M10 7.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5z",
  result: "M3 4h14v12H3z M3 13l4-4 3.5 3.5 2.5-2 4 3.5",
  original: "M3 4h14v12H3z M10 4v12 M10 7h7 M10 10h7 M10 13h7",
  split: "M3 4h14v12H3z M10 2v16",
  beside: "M2.5 5h6.5v10H2.5z M11 5h6.5v10H11z",
  chroma:
    "M7.5 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8z M12.5 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8z M10 8.5a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
  uncertainty: "M3 15c2-8 4-8 5.5-4s2 4 3.5-1 3-5 5 0",
  variants: "M3 3h6v6H3z M11 3h6v6h-6z M3 11h6v6H3z M11 11h6v6h-6z",
  theme: "M10 3a7 7 0 1 0 0 14z M10 3a7 7 0 0 1 0 14",
  keyboard: "M2.5 5.5h15v9h-15z M5.5 8.5h.1 M8.5 8.5h.1 M11.5 8.5h.1 M14.5 8.5h.1 M6.5 11.7h7",
  plus: "M10 4v12 M4 10h12",
  minus: "M4 10h12",
  close: "M5 5l10 10 M15 5L5 15",
  remove: "M4 6h12 M8 6V4h4v2 M5.5 6l.8 10.5h7.4L14.5 6 M8.5 9v5 M11.5 9v5",
  move: "M10 2.5v15 M2.5 10h15 M8 4.5l2-2 2 2 M8 15.5l2 2 2-2 M4.5 8l-2 2 2 2 M15.5 8l2 2-2 2",
  lock: "M5 9h10v7.5H5z M7 9V6.5a3 3 0 0 1 6 0V9",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: IconName): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}
