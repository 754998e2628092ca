/** A picture that lends its palette. */

import type { Engine } from "../engine/engine";
import type { Bench } from "../studio/commands";
import { report } from "../studio/notices";
import { presentDocument } from "../studio/state";
import { element, textButton } from "./elements";
import { filePicker } from "./files";

export function createReference({ store, edits }: Bench, engine: Engine): HTMLElement {
  const take = async (file: File) => {
    store.set({ busy: `Reading the palette of ${file.name}…` });
    try {
      edits.reference({ ...(await engine.reference(file)), name: file.name });
    } catch (error) {
      report(store, `“${file.name}” lends no palette`, error);
    } finally {
      store.set({ busy: null });
    }
  };
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
