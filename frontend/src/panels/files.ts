/** Files that people choose, drop and paste. */

import { element } from "./elements";

/** A hidden field that asks for files, for several where they are of several kinds; `click()` it. */
export function filePicker(
  name: string,
  accept: string,
  multiple: boolean,
  chosen: (files: readonly File[]) => void,
): HTMLInputElement {
  const input = element("input", { type: "file", accept, multiple, hidden: true, "aria-label": name });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) {
      chosen(files);
    }
    // The same file can be chosen again.
    input.value = "";
  });
  return input;
}

/** Take what is dropped anywhere on the page, or pasted. */
export function listenForFiles(page: HTMLElement, opened: (files: readonly File[]) => void): void {
  let depth = 0;
  const show = (change: number) => {
    depth = Math.max(0, depth + change);
    page.classList.toggle("dropping", depth > 0);
  };
  page.addEventListener("dragenter", () => show(1));
  page.addEventListener("dragleave", () => show(-1));
  page.addEventListener("dragover", (event) => event.preventDefault());
  page.addEventListener("drop", (event) => {
    show(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    // A field takes the text that is dropped on it.
    if (files.length > 0 || !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      opened(files);
    }
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) {
      event.preventDefault();
      opened(files);
    }
  });
}
