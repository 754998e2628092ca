/** Light or dark: as the system has it, until the person says otherwise. */

import { iconButton } from "./elements";
import { icon } from "./icons";

const ITEM = "photochrom-theme";

export function createThemeButton(): HTMLButtonElement {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const button = iconButton(icon("theme"), "", () => {
    root.dataset.theme = shown() === "dark" ? "light" : "dark";
    localStorage.setItem(ITEM, root.dataset.theme);
    name();
  });
  const name = () => {
    const words = shown() === "dark" ? "Light appearance" : "Dark appearance";
    button.setAttribute("aria-label", words);
    button.title = words;
  };
  const chosen = localStorage.getItem(ITEM);
  if (chosen === "light" || chosen === "dark") {
    root.dataset.theme = chosen;
  }
  dark.addEventListener("change", name);
  name();
  return button;
}
