/** The drawing of one photograph, off the main thread. */

import * as Comlink from "comlink";
import type { ColorGrid, Hint, Painting, Photograph, Renderer, View } from "./contract";
import { Picture } from "./picture";

class WorkerRenderer implements Renderer {
  #id = "";
  #picture: Picture | undefined;

  setPhotograph(photograph: Photograph): void {
    this.#id = photograph.id;
    this.#picture = new Picture(photograph, photograph.gray);
  }

  setGrid(grid: ColorGrid, hints: readonly Hint[]): void {
    this.#opened().setGrid(grid, hints);
  }

  paint(view: View): Painting {
    const pixels = this.#opened().paint(view);
    return Comlink.transfer({ id: this.#id, width: view.width, height: view.height, pixels }, [pixels.buffer]);
  }

  #opened(): Picture {
    if (!this.#picture) {
      throw new Error("no photograph yet: call setPhotograph first");
    }
    return this.#picture;
  }
}

Comlink.expose(new WorkerRenderer());
