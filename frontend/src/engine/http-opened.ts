/** One photograph at the studio's service, which may forget it: the page's own copy goes there again then. */

import type { ColorGrid, Decode, GrayPicture, Hint, Plane, Rectangle, Size } from "../render/contract";
import { type Fetched, Gone } from "./connection";
import type { Decisions, Guidance, Opened, PictureFormat, Place, SessionContent, Suggestion } from "./engine";
import { type HttpEngine, type Schemas, type Service, within } from "./http";

const CLOSING_MS = 5000;

interface Address {
  readonly params: { readonly path: { readonly id: string } };
}

export class HttpOpened implements Opened {
  readonly size: Size;
  readonly sha256: string;
  readonly #engine: HttpEngine;
  readonly #file: Blob;
  readonly #grid: Size;
  #id: string;
  #again: Promise<void> | undefined;

  constructor(engine: HttpEngine, file: Blob, info: Schemas["WorkInfo"]) {
    this.#engine = engine;
    this.#file = file;
    this.#id = info.id;
    this.#grid = info.grid;
    this.size = { width: info.width, height: info.height };
    this.sha256 = info.sha256;
  }

  async gray(part: Rectangle, size: Size, signal?: AbortSignal): Promise<GrayPicture> {
    const query = { ...part, ...size };
    const file = await this.#ask<Blob>(
      (service, { params }) =>
        service.GET("/v1/works/{id}/gray", { params: { ...params, query }, parseAs: "blob", ...within(signal) }),
      signal,
    );
    return this.#engine.unpackGray(file);
  }

  async colors(guidance: Guidance, signal?: AbortSignal): Promise<ColorGrid> {
    const bytes = await this.#ask<ArrayBuffer>(
      (service, address) =>
        service.POST("/v1/works/{id}/colors", {
          ...address,
          body: sent(guidance),
          parseAs: "arrayBuffer",
          ...within(signal),
        }),
      signal,
    );
    const plane = (index: number) => this.#plane(bytes, index);
    return { ...this.#grid, accurateA: plane(0), accurateB: plane(1), vividA: plane(2), vividB: plane(3) };
  }

  async suggestions(
    guidance: Guidance,
    { x, y }: Place,
    count: number,
    signal?: AbortSignal,
  ): Promise<readonly Suggestion[]> {
    const body = { ...sent(guidance), x, y, k: count };
    const offers = await this.#ask(
      (service, address) => service.POST("/v1/works/{id}/suggestions", { ...address, body, ...within(signal) }),
      signal,
    );
    return offers.map(({ ab: [a = 0, b = 0], ...offer }) => ({ ...offer, ab: [a, b] }));
  }

  async uncertainty(guidance: Guidance, signal?: AbortSignal): Promise<Plane> {
    const body = sent(guidance);
    const bytes = await this.#ask<ArrayBuffer>(
      (service, address) =>
        service.POST("/v1/works/{id}/uncertainty", { ...address, body, parseAs: "arrayBuffer", ...within(signal) }),
      signal,
    );
    return { ...this.#grid, values: this.#plane(bytes, 0) };
  }

  nextHint(guidance: Guidance, signal?: AbortSignal): Promise<Place> {
    const body = sent(guidance);
    return this.#ask(
      (service, address) => service.POST("/v1/works/{id}/next-hint", { ...address, body, ...within(signal) }),
      signal,
    );
  }

  async variants(
    guidance: Guidance,
    asked: { readonly count: number; readonly seed: number; readonly decode: Decode },
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hint[])[]> {
    const body = { ...sent(guidance), ...asked };
    const variants = await this.#ask(
      (service, address) => service.POST("/v1/works/{id}/variants", { ...address, body, ...within(signal) }),
      signal,
    );
    return variants.map(({ hints }) => hints.map((hint) => ({ ...hint, color: hint.color ?? null })));
  }

  async session(
    { decode, saturation, temperature, ...guidance }: Decisions,
    extra: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<SessionContent> {
    const body = { ...sent(guidance), decode, saturation, temperature, extra };
    const content = await this.#ask(
      (service, address) => service.POST("/v1/works/{id}/session", { ...address, body, ...within(signal) }),
      signal,
    );
    return content as SessionContent;
  }

  exportPicture(
    session: SessionContent,
    { format, layer }: { readonly format: PictureFormat; readonly layer: boolean },
    signal?: AbortSignal,
  ): Promise<Blob> {
    const body = { session: session as Schemas["SessionFile"], format, layer };
    return this.#ask<Blob>(
      (service, address) =>
        service.POST("/v1/works/{id}/export", { ...address, body, parseAs: "blob", ...within(signal) }),
      signal,
    );
  }

  close(): void {
    // Best effort: the service forgets it by itself.
    const signal = AbortSignal.timeout(CLOSING_MS);
    this.#engine
      .ask((service) => service.DELETE("/v1/works/{id}", { ...this.#address(), signal }), signal)
      .catch(() => undefined);
  }

  /** Ask about the photograph; where the service knows it no longer, send it anew and ask again. */
  async #ask<T>(send: (service: Service, address: Address) => Promise<Fetched<T>>, signal?: AbortSignal): Promise<T> {
    const id = this.#id;
    const ask = () => this.#engine.ask((service) => send(service, this.#address()), signal);
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Gone)) {
        throw error;
      }
    }
    if (this.#id === id) {
      this.#again ??= this.#uploadAgain();
      await this.#again;
    }
    signal?.throwIfAborted();
    return ask();
  }

  // Not to be stopped by the request that came upon it: others wait for it too.
  async #uploadAgain(): Promise<void> {
    try {
      this.#id = (await this.#engine.upload(this.#file)).id;
    } finally {
      this.#again = undefined;
    }
  }

  #address(): Address {
    return { params: { path: { id: this.#id } } };
  }

  #plane(bytes: ArrayBuffer, index: number): Float32Array {
    const cells = this.#grid.width * this.#grid.height;
    return new Float32Array(bytes, index * cells * Float32Array.BYTES_PER_ELEMENT, cells);
  }
}

/** What travels of a guidance; whatever else its objects hold stays here. */
function sent({ hints, reference }: Guidance): Guidance & { hints: Hint[]; reference: Schemas["Reference"] | null } {
  return {
    hints: hints.map(({ x, y, color, radius }) => ({ x, y, color, radius })),
    reference: reference && {
      histogram: reference.histogram && [...reference.histogram],
      saturation: reference.saturation,
    },
  };
}
