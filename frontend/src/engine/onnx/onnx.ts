/** The engine in the page itself: no server, and the photograph never leaves the tab. */

import * as Comlink from "comlink";
import type { GrayPicture, Hint, Plane, Rectangle, Size } from "../../render/contract";
import {
  type Decisions,
  type Engine,
  type Guidance,
  type Limits,
  type Opened,
  type Palette,
  type PictureFormat,
  type Place,
  Refusal,
  type SessionContent,
  type Writing,
} from "../engine";
import { MOST_BYTES, MOST_PIXELS } from "./limits";
import type { OpenedInfo, Works } from "./onnx.worker";
import { MOST_HINTS, readSession, writeSession } from "./session";
import { Turns } from "./turns";

const LIMITS: Limits = { bytes: MOST_BYTES, pixels: MOST_PIXELS, hints: MOST_HINTS };
const LONGEST_VIEW = 4096;

type Ask = <T>(question: (works: Comlink.Remote<Works>) => Promise<T>, signal?: AbortSignal) => Promise<T>;

export class OnnxEngine implements Engine {
  readonly writing: Writing = { formats: ["png", "jpeg", "webp"], complete: false };
  readonly #works: Comlink.Remote<Works> = Comlink.wrap(
    new Worker(new URL("./onnx.worker.ts", import.meta.url), { type: "module" }),
  );
  readonly #turns = new Turns();

  async limits(): Promise<Limits> {
    return LIMITS;
  }

  async open(file: Blob, signal?: AbortSignal): Promise<Opened> {
    const opened = new OnnxOpened(this.#ask, await this.#ask((works) => works.open(file), signal));
    if (signal?.aborted) {
      opened.close();
    }
    signal?.throwIfAborted();
    return opened;
  }

  reference(file: Blob, signal?: AbortSignal): Promise<Palette> {
    return this.#ask((works) => works.palette(file), signal);
  }

  async checkSession(content: unknown): Promise<SessionContent> {
    return readSession(content);
  }

  async opening(): Promise<File | null> {
    return null;
  }

  readonly #ask: Ask = async (question, signal) => {
    try {
      return await this.#turns.take(() => question(this.#works), signal);
    } catch (error) {
      // Between threads an error keeps its name and words, but not its class.
      throw error instanceof Error && error.name === "Refusal" ? new Refusal(error.message) : error;
    }
  };
}

class OnnxOpened implements Opened {
  readonly size: Size;
  readonly sha256: string;
  readonly #ask: Ask;
  readonly #id: number;

  constructor(ask: Ask, info: OpenedInfo) {
    this.size = info.size;
    this.sha256 = info.sha256;
    this.#ask = ask;
    this.#id = info.id;
  }

  gray(part: Rectangle, size: Size, signal?: AbortSignal): Promise<GrayPicture> {
    const side = (asked: number, own: number) => Math.max(1, Math.min(asked, own, LONGEST_VIEW));
    const shown = {
      width: side(size.width, part.right - part.left),
      height: side(size.height, part.bottom - part.top),
    };
    return this.#ask((works) => works.gray(this.#id, part, shown), signal);
  }

  colors(guidance: Guidance, signal?: AbortSignal) {
    return this.#ask((works) => works.colors(this.#id, guidance), signal);
  }

  suggestions(guidance: Guidance, place: Place, count: number, signal?: AbortSignal) {
    return this.#ask((works) => works.suggestions(this.#id, guidance, place, count), signal);
  }

  uncertainty(guidance: Guidance, signal?: AbortSignal): Promise<Plane> {
    return this.#ask((works) => works.uncertainty(this.#id, guidance), signal);
  }

  nextHint(guidance: Guidance, signal?: AbortSignal): Promise<Place> {
    return this.#ask((works) => works.nextHint(this.#id, guidance), signal);
  }

  variants(
    guidance: Guidance,
    { count, seed }: { readonly count: number; readonly seed: number },
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hint[])[]> {
    return this.#ask((works) => works.variants(this.#id, guidance, count, seed), signal);
  }

  async session(decisions: Decisions, extra: Readonly<Record<string, unknown>>): Promise<SessionContent> {
    const model = await this.#ask((works) => works.model());
    return writeSession(decisions, extra, { ...this.size, sha256: this.sha256 }, model);
  }

  /** The layer is the coloured picture itself: a picture editor takes its hue and chroma (see `photochrom.images.layers`). */
  exportPicture(
    session: SessionContent,
    { format, layer }: { readonly format: PictureFormat; readonly layer: boolean },
    signal?: AbortSignal,
  ): Promise<Blob> {
    return this.#ask((works) => works.save(this.#id, readSession(session), layer ? "png" : format), signal);
  }

  close(): void {
    void this.#ask((works) => works.close(this.#id));
  }
}
