/** The dialog from which pictures and session files are saved. */

import type { PictureFormat, Writing } from "../engine/engine";
import { savePicture, saveSession } from "../studio/saving";
import type { State } from "../studio/state";
import type { Store } from "../studio/store";
import { createDialog, type Dialog } from "./dialog";
import { choice, element, textButton } from "./elements";

const FORMATS: Readonly<Record<PictureFormat, readonly [string, string]>> = {
  png: ["PNG", "without loss"],
  jpeg: ["JPEG", "small, opens everywhere"],
  webp: ["WebP", "smaller, for the web"],
  avif: ["AVIF", "smallest, for the web"],
  tiff: ["TIFF", "16 bits, for archives and print"],
};

export function createExport(store: Store<State>, writing: Writing): Dialog {
  let format: PictureFormat = "png";
  const note = element("p", { class: "hint" });
  const formats = choice<PictureFormat>(
    "Format",
    writing.formats.map((value) => ({ value, name: FORMATS[value][0] })),
    (chosen) => show(chosen),
  );
  const show = (chosen: PictureFormat) => {
    format = chosen;
    formats.show(chosen);
    note.textContent = `${FORMATS[chosen][0]}: ${FORMATS[chosen][1]}.`;
  };
  show(format);
  const size = element("p", { class: "hint" });
  const run = (save: () => Promise<void>) => () => {
    dialog.close();
    void save();
  };
  const dialog = createDialog(
    "Save",
    element(
      "div",
      { class: "dialog-part" },
      element("h3", {}, "The picture"),
      size,
      formats.element,
      note,
      textButton(
        "Save picture",
        run(() => savePicture(store, { format, layer: false })),
        "primary",
      ),
    ),
    element(
      "div",
      { class: "dialog-part" },
      element("h3", {}, "The colours alone"),
      element("p", { class: "hint" }, "A PNG to lay over the photograph in a picture editor, in the mode “Color”."),
      textButton(
        "Save colour layer",
        run(() => savePicture(store, { format: "png", layer: true })),
      ),
    ),
    element(
      "div",
      { class: "dialog-part" },
      element("h3", {}, "The session"),
      element(
        "p",
        { class: "hint" },
        "A small file with your marks and settings. Open it here to go on, or replay it with photochrom colorize --hints.",
      ),
      textButton(
        "Save session",
        run(() => saveSession(store)),
      ),
    ),
  );
  store.watch(({ photograph }) => {
    const { width, height } = photograph?.opened.size ?? { width: 0, height: 0 };
    const kept = writing.complete
      ? "with the photograph's metadata but GPS positions; PNG and TIFF keep its 16 bits, if it has them"
      : "8 bits, without the photograph's metadata; the installed Photochrom keeps all, and replays the session below";
    size.textContent = `Full size, ${width} × ${height} pixels, ${kept}.`;
  });
  return dialog;
}
