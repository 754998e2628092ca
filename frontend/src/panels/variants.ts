/** The dialog that shows different colourings side by side. */

import * as Comlink from "comlink";
import { reduced, wholeOf } from "../canvas/painter";
import { decisionsOf } from "../document/document";
import type { Hint, Renderer, Size } from "../render/contract";
import type { Bench } from "../studio/commands";
import { report } from "../studio/notices";
import { type Photograph, presentDocument } from "../studio/state";
import { createDialog, type Dialog } from "./dialog";
import { element, textButton } from "./elements";

const COUNT = 4;
const SIDE = 640;

export function createVariants({ store, edits }: Bench): Dialog {
  const list = element("ul", { class: "variants" });
  const status = element("p", { class: "hint", role: "status" });
  let seed = 0;
  let asking: AbortController | undefined;
  const show = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const { photograph } = store.state;
    if (!photograph) {
      return;
    }
    // As much room as they will take: the dialog keeps its size when they come.
    list.replaceChildren(...Array.from({ length: COUNT }, (_, i) => createVariant(i, createRoom(photograph))));
    status.textContent = "Making variants…";
    const painter = new Thumbnails(photograph);
    try {
      const asked = { count: COUNT, seed, decode: presentDocument(store.state).decode };
      const variants = await photograph.opened.variants(decisionsOf(presentDocument(store.state)), asked, signal);
      for (const [i, hints] of variants.entries()) {
        const picture = await painter.paint(store.state, hints, signal);
        const use = () => {
          edits.useVariant(hints);
          dialog.close();
        };
        list.children[i]?.replaceWith(createVariant(i, picture, use));
      }
      status.textContent = "Each goes on from your marks with a few points of its own, which you can change.";
    } catch (error) {
      // Others were asked for, or the dialog is closed already.
      if (!signal.aborted) {
        report(store, "The variants could not be made", error);
        dialog.close();
      }
    } finally {
      painter.close();
    }
  };
  const others = textButton("Other variants", () => {
    seed++;
    void show();
  });
  const dialog = createDialog("Variants", status, list, others);
  dialog.element.classList.add("wide");
  dialog.element.addEventListener("close", () => asking?.abort());
  return {
    ...dialog,
    open() {
      dialog.open();
      void show();
    },
  };
}

/** An empty picture of the size of a variant's. */
function createRoom({ opened }: Photograph): HTMLCanvasElement {
  const { width, height } = reduced(opened.size, SIDE);
  return element("canvas", { width: `${width}`, height: `${height}` });
}

/** @param use - Undefined while the picture is being made. */
function createVariant(index: number, picture: HTMLCanvasElement, use?: () => void): HTMLElement {
  const name = index === 0 ? "As it is" : `Variant ${index}`;
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", name);
  return element(
    "li",
    {},
    picture,
    element("div", { class: "row" }, element("span", {}, name), ...(index === 0 ? [] : [useButton(index, use)])),
  );
}

function useButton(index: number, use: (() => void) | undefined): HTMLButtonElement {
  const button = textButton("Use", use ?? (() => undefined));
  button.setAttribute("aria-label", `Use variant ${index}`);
  button.disabled = use === undefined;
  return button;
}

/** Small pictures of one photograph, painted by a worker of their own. */
class Thumbnails {
  readonly #worker = new Worker(new URL("../render/worker.ts", import.meta.url), { type: "module" });
  readonly #renderer: Comlink.Remote<Renderer> = Comlink.wrap(this.#worker);
  readonly #photograph: Photograph;
  readonly #size: Size;

  constructor(photograph: Photograph) {
    this.#photograph = photograph;
    this.#size = reduced(photograph.opened.size, SIDE);
  }

  async paint(state: Bench["store"]["state"], hints: readonly Hint[], signal: AbortSignal): Promise<HTMLCanvasElement> {
    const { opened } = this.#photograph;
    const { decode, saturation, temperature, reference } = decisionsOf(presentDocument(state));
    const rectangle = wholeOf(opened.size);
    const [gray, grid] = await Promise.all([
      opened.gray(rectangle, this.#size, signal),
      opened.colors({ hints, reference }, signal),
    ]);
    await this.#renderer.setPhotograph({ id: "variant", ...opened.size, gray });
    await this.#renderer.setGrid(grid, hints);
    const { pixels, width, height } = await this.#renderer.paint({
      ...gray,
      rectangle,
      decode,
      saturation,
      temperature,
      mode: "result",
    });
    signal.throwIfAborted();
    const canvas = element("canvas", { width: `${width}`, height: `${height}` });
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, width), 0, 0);
    return canvas;
  }

  close(): void {
    this.#renderer[Comlink.releaseProxy]();
    this.#worker.terminate();
  }
}
