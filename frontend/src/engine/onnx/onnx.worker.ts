/** The network, and the photographs at work, off the main thread. */

import * as Comlink from "comlink";
import type { GrayPicture, Rectangle, Size } from "../../render/contract";
import type { Guidance, Palette, PictureFormat, Place } from "../engine";
import { Network } from "./network";
import { readPalette, readPhotograph } from "./photograph";
import { BOX, resample } from "./resample";
import { savePhotograph } from "./save";
import type { CheckedSession, Model } from "./session";
import { sha256 } from "./sha256";
import { Work } from "./work";

export interface OpenedInfo {
  readonly id: number;
  readonly size: Size;
  readonly sha256: string;
}

class Works {
  readonly #works = new Map<number, Work>();
  #network: Promise<Network> | undefined;
  #opened = 0;

  async open(file: Blob): Promise<OpenedInfo> {
    const photograph = await readPhotograph(file);
    const id = ++this.#opened;
    this.#works.set(id, new Work(photograph, () => this.network()));
    const { width, height } = photograph.gray;
    return { id, size: { width, height }, sha256: await sha256(file) };
  }

  async model(): Promise<Model> {
    return (await this.network()).model;
  }

  close(id: number): void {
    this.#works.delete(id);
  }

  palette(file: Blob): Promise<Palette> {
    return readPalette(file);
  }

  gray(id: number, part: Rectangle, { width, height }: Size): GrayPicture {
    const { pixels, ...whole } = this.#work(id).photograph.gray;
    const reduced = resample({ ...whole, values: pixels }, part, { width, height }, BOX);
    const gray = { width, height, pixels: Uint8ClampedArray.from(reduced) };
    return Comlink.transfer(gray, [gray.pixels.buffer]);
  }

  async colors(id: number, guidance: Guidance) {
    return (await this.#work(id).predict(guidance)).grid;
  }

  suggestions(id: number, guidance: Guidance, place: Place, count: number) {
    return this.#work(id).suggestions(guidance, place, count);
  }

  uncertainty(id: number, guidance: Guidance) {
    return this.#work(id).uncertainty(guidance);
  }

  nextHint(id: number, guidance: Guidance) {
    return this.#work(id).nextHint(guidance);
  }

  variants(id: number, guidance: Guidance, count: number, seed: number) {
    return this.#work(id).variants(guidance, count, seed);
  }

  async save(id: number, session: CheckedSession, format: PictureFormat): Promise<Blob> {
    const work = this.#work(id);
    const { grid } = await work.predict(session);
    return savePhotograph(work.photograph, grid, session, format);
  }

  /** Begins to fetch the network on the first call; after a failure the next call tries again. */
  network(): Promise<Network> {
    this.#network ??= Network.open().catch((error: unknown) => {
      this.#network = undefined;
      throw error;
    });
    return this.#network;
  }

  #work(id: number): Work {
    const work = this.#works.get(id);
    if (!work) {
      throw new Error("the photograph is closed");
    }
    return work;
  }
}

const works = new Works();
// While the photograph is chosen; what goes wrong is told when it is opened.
works.network().catch(() => undefined);

export type { Works };

Comlink.expose(works);
