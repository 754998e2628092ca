/** A picture that lends its palette. */

import type { Engine } from "../engine/engine";
import type { Bench } from "../studio/commands";
import { report, whileBusy } from "../studio/notices";
import { presentDocument } from "../studio/state";
import { element, textButton } from "./elements";
import { filePicker } from "./files";

export function createReference(bench: Bench, engine: Engine): HTMLElement {
  const { store, edits } = bench;
  const take = (file: File) => takePalette(bench, engine, file);
  const choose = filePicker("Reference picture", "image/*", false, ([file]) => void (file && take(file)));
  const name = element("strong", { class: "reference-name" });
  const remove = textButton("Remove", () => edits.reference(null), "quiet");
  const words = element("p", { class: "hint" }, "A colour picture lends its palette to the whole photograph.");
  const button = textButton("Choose a picture…", () => choose.click());
  const host = element("div", { class: "reference" }, words, name, element("div", { class: "row" }, button, remove));
  host.append(choose);
  host.addEventListener("dragover", (event) => event.preventDefault());
  host.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (file) {
      event.preventDefault();
      event.stopPropagation();
      void take(file);
    }
  });
  store.watch((state) => {
    const { reference } = presentDocument(state);
    name.textContent = reference?.name ?? "";
    name.hidden = !reference;
    words.hidden = reference !== null;
    remove.hidden = !reference;
    button.disabled = state.photograph === null;
  });
  return host;
}

/** Give the photograph that is open a picture's palette; where another one is open when it comes, it is dropped. */
export async function takePalette(
  { store, edits }: Pick<Bench, "store" | "edits">,
  engine: Pick<Engine, "reference">,
  file: File,
): Promise<void> {
  const { photograph } = store.state;
  try {
    const palette = await whileBusy(store, `Reading the palette of ${file.name}…`, () => engine.reference(file));
    if (store.state.photograph === photograph) {
      edits.reference({ ...palette, name: file.name });
    }
  } catch (error) {
    report(store, `“${file.name}” lends no palette`, error);
  }
}
