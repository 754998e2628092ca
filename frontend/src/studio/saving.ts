/** What leaves the page: pictures at full size, and session files. */

import { decisionsOf } from "../document/document";
import { sessionExtra } from "../document/session";
import { type PictureFormat, Refusal, type SessionContent } from "../engine/engine";
import { report, tell, whileBusy } from "./notices";
import { awaitsColor, type Photograph, presentDocument, type State } from "./state";
import type { Store } from "./store";

export interface Asked {
  readonly format: PictureFormat;
  /** The colours alone. */
  readonly layer: boolean;
}

const SUFFIXES: Readonly<Record<PictureFormat, string>> = {
  png: ".png",
  jpeg: ".jpg",
  webp: ".webp",
  avif: ".avif",
  tiff: ".tif",
};

/** Save the picture at full size as a download. */
export async function savePicture(store: Store<State>, asked: Asked): Promise<void> {
  await save(store, "The picture", async (photograph) => {
    const { opened, name } = photograph;
    const file = await opened.exportPicture(await session(store, photograph), asked);
    const suffix = asked.layer ? ".colors.png" : `.color${SUFFIXES[asked.format]}`;
    return [file, stem(name) + suffix];
  });
}

/** Save the session file as a download. */
export async function saveSession(store: Store<State>): Promise<void> {
  await save(store, "The session", async (photograph) => {
    const text = `${JSON.stringify(await session(store, photograph), null, 1)}\n`;
    return [new Blob([text], { type: "application/json" }), `${stem(photograph.name)}.photochrom.json`];
  });
}

/** Once every mark has its colour: until then it has one that was never shown. */
async function session(store: Store<State>, photograph: Photograph): Promise<SessionContent> {
  const state = await store.until((now) => now.photograph !== photograph || !awaitsColor(now));
  if (state.photograph !== photograph) {
    throw new Refusal("it was closed before all its marks had their colours");
  }
  const document = presentDocument(state);
  return photograph.opened.session(decisionsOf(document), sessionExtra(document));
}

async function save(
  store: Store<State>,
  what: string,
  make: (photograph: Photograph) => Promise<readonly [Blob, string]>,
): Promise<void> {
  const { photograph } = store.state;
  if (!photograph) {
    return;
  }
  try {
    const [file, name] = await whileBusy(store, `${what} is being made…`, () => make(photograph));
    download(file, name);
    tell(store, `Saved ${name}.`);
  } catch (error) {
    report(store, `${what} could not be saved`, error);
  }
}

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Not at once: the browser may still be reading it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function stem(name: string): string {
  return name.replace(/\.[^.]+$/, "") || "photograph";
}
