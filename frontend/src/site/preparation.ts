/** What stands on the page while its files are fetched. */

import { element } from "../panels/elements";
import "./preparation.css";
import type { Progress } from "./progress";

export interface Preparation {
  readonly element: HTMLElement;
  readonly show: (progress: Progress) => void;
  /** Say why it ends here. */
  refuse(words: string): void;
}

export function createPreparation(): Preparation {
  const bar = element("progress", { "aria-label": "Fetched", max: "1" });
  const words = element("p", { role: "status" });
  const preparation = element("main", { class: "preparation" }, element("h1", {}, "Photochrom studio"), words);
  return {
    element: preparation,
    show({ fetched, bytes }) {
      bar.value = fetched / bytes;
      if (!bar.isConnected) {
        words.textContent = `${Math.ceil(bytes / 1e6)} MB are fetched once. After that the studio works without a network.`;
        preparation.append(bar);
      }
    },
    refuse(reason) {
      words.textContent = reason;
    },
  };
}
