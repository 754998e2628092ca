/** The engine behind the studio's service. */

import * as Comlink from "comlink";
import createClient, { type Client } from "openapi-fetch";
import { type Connection, createConnection, type Fetched, Gone } from "./connection";
import type { Engine, Limits, Opened, Palette, Presence, SessionContent, Writing } from "./engine";
import type { UnpackGray } from "./gray.worker";
import { HttpOpened } from "./http-opened";
import type { components, paths } from "./service";

export type Schemas = components["schemas"];
export type Service = Client<paths>;

/** Names of this computer itself. */
const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);

export interface ServiceAddress {
  /** The page's own, up to the last "/". */
  readonly base: string;
  /** What the service wants to see, where it does. */
  readonly token: string | null;
  /** The name of the photograph that the page was started with. */
  readonly opening: string | null;
}

export class HttpEngine implements Engine {
  readonly writing: Writing = { formats: ["png", "jpeg", "webp", "avif", "tiff"], complete: true };
  readonly host?: string;
  readonly unpackGray: Comlink.Remote<UnpackGray>;
  readonly #service: Service;
  readonly #opening: string | null;
  readonly #connection: Connection;

  /**
   * @param onPresence - As `createConnection` has it.
   */
  constructor({ base, token, opening }: ServiceAddress, onPresence: (presence: Presence) => void) {
    const { hostname } = new URL(base);
    if (!LOOPBACK.has(hostname)) {
      this.host = hostname;
    }
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    this.#service = createClient<paths>({ baseUrl: base, headers });
    this.#opening = opening;
    this.#connection = createConnection(onPresence);
    this.unpackGray = Comlink.wrap(new Worker(new URL("./gray.worker.ts", import.meta.url), { type: "module" }));
  }

  async limits(signal?: AbortSignal): Promise<Limits> {
    return (await this.ask((service) => service.GET("/v1/about", within(signal)), signal)).limits;
  }

  async open(file: Blob, signal?: AbortSignal): Promise<Opened> {
    return new HttpOpened(this, file, await this.upload(file, signal));
  }

  async reference(file: Blob, signal?: AbortSignal): Promise<Palette> {
    const palette = await this.ask(
      (service) => service.POST("/v1/references", { ...formOf(file), ...within(signal) }),
      signal,
    );
    return { histogram: palette.histogram ?? null, saturation: palette.saturation ?? null };
  }

  async checkSession(content: unknown, signal?: AbortSignal): Promise<SessionContent> {
    const body = content as Schemas["SessionFile"];
    const checked = await this.ask(
      (service) => service.POST("/v1/sessions/check", { body, ...within(signal) }),
      signal,
    );
    return checked as SessionContent;
  }

  async opening(): Promise<File | null> {
    const id = this.#opening;
    if (id === null) {
      return null;
    }
    try {
      const { data, response } = await this.#connection.ask(() =>
        this.#service.GET("/v1/opening/{id}", { params: { path: { id } }, parseAs: "blob" }),
      );
      return data ? new File([data], fileName(response) ?? "photograph") : null;
    } catch (error) {
      // It is handed out once: after a reload the page has its own copy.
      if (error instanceof Gone) {
        return null;
      }
      throw error;
    }
  }

  upload(file: Blob, signal?: AbortSignal): Promise<Schemas["WorkInfo"]> {
    return this.ask((service) => service.POST("/v1/works", { ...formOf(file), ...within(signal) }), signal);
  }

  /** What the service answers, however long it takes; see `Connection.ask`. */
  async ask<T>(send: (service: Service) => Promise<Fetched<T>>, signal?: AbortSignal): Promise<T> {
    return (await this.#connection.ask(() => send(this.#service), signal)).data as T;
  }
}

/** The part of a request's options that lets it be stopped. */
export function within(signal: AbortSignal | undefined): { signal: AbortSignal } | Record<never, never> {
  return signal ? { signal } : {};
}

/** A file as the field `image` of a form; openapi-typescript takes it for a string. */
function formOf(file: Blob): { body: { image: string }; bodySerializer: () => FormData } {
  const form = new FormData();
  form.append("image", file, "image");
  return { body: { image: "" }, bodySerializer: () => form };
}

function fileName(response: Response): string | null {
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : (/filename="([^"]+)"/.exec(disposition)?.[1] ?? null);
}
