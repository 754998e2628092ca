/**
 * Keeps the studio's files, all of one version, and answers for them with the network or without.
 *
 * A new version is fetched beside the old one, which serves until the last of its pages is closed.
 */

import type { Progress } from "./progress";

/** Written before this script when the site is built (vite.site.config.ts). */
declare const FILES: readonly { readonly address: string; readonly bytes: number }[];
declare const VERSION: string;
declare const POLICY: string;

// TypeScript knows pages or workers, not both; of a service worker this is what is used here.
interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { includeUncontrolled: boolean }): Promise<readonly { postMessage(message: Progress): void }[]>;
  };
  addEventListener(type: "install" | "activate", listen: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listen: (event: Fetching) => void): void;
}

const scope = globalThis as unknown as Scope;
const base = scope.registration.scope;
const family = `photochrom ${base} `;
const addresses = new Map(FILES.map(({ address }) => [new URL(address, base).href, address]));
const INDEX = "index.html";

/** With the first two, threads may share memory; the rest is what the studio's service sends too. */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": `${POLICY}; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

scope.addEventListener("install", (event) => event.waitUntil(fetchAll()));
scope.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
scope.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const asked = origin + pathname;
  const address = asked === base ? INDEX : addresses.get(asked);
  if (method === "GET" && address !== undefined) {
    event.respondWith(answer(event.request, address));
  }
});

async function answer(request: Request, address: string): Promise<Response> {
  const cache = await caches.open(family + VERSION);
  return (await cache.match(new URL(address, base))) ?? fetch(request);
}

async function fetchAll(): Promise<void> {
  const cache = await caches.open(family + VERSION);
  const report = await reporter();
  for (const { address } of FILES) {
    const url = new URL(address, base);
    // Past the browser's own cache, which may hold another version under the same name.
    const response = await fetch(url, { cache: "no-cache" });
    if (!response.ok || !response.body) {
      throw new Error(`${address} could not be fetched: ${response.status}`);
    }
    const type = response.headers.get("Content-Type") ?? "application/octet-stream";
    const headers = { ...HEADERS, "Content-Type": type };
    await cache.put(url, new Response(response.body.pipeThrough(counting(report)), { headers }));
  }
}

/** What to tell how many bytes have come, for the pages that wait. */
async function reporter(): Promise<(bytes: number) => void> {
  const pages = await scope.clients.matchAll({ includeUncontrolled: true });
  const bytes = FILES.reduce((sum, file) => sum + file.bytes, 0);
  let fetched = 0;
  return (more) => {
    fetched += more;
    for (const page of pages) {
      page.postMessage({ fetched, bytes });
    }
  };
}

function counting(report: (bytes: number) => void): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      report(chunk.length);
      controller.enqueue(chunk);
    },
  });
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(family) && name !== family + VERSION);
  await Promise.all(others.map((name) => caches.delete(name)));
}
