/** Dialogs: the browser keeps the focus in them, and gives it back. */

import { element, iconButton } from "./elements";
import { icon } from "./icons";

export interface Dialog {
  readonly element: HTMLDialogElement;
  open(): void;
  close(): void;
}

let dialogs = 0;

export function createDialog(title: string, ...children: readonly Node[]): Dialog {
  const id = `dialog-${++dialogs}`;
  const dialog: HTMLDialogElement = element(
    "dialog",
    { "aria-labelledby": id },
    element(
      "div",
      { class: "dialog-head" },
      element("h2", { id }, title),
      iconButton(icon("close"), "Close", () => dialog.close()),
    ),
    ...children,
  );
  // A click beside it closes it, as Escape does.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  return { element: dialog, open: () => dialog.showModal(), close: () => dialog.close() };
}
