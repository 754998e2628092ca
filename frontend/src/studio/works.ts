/** Opening photographs and sessions, and keeping what was made of them. */

import { Autosave, isUntouched, type Kept, type SavedWork } from "../document/autosave";
import { type Document, EMPTY } from "../document/document";
import { beginHistory, type History } from "../document/history";
import { documentOf } from "../document/session";
import { isHeld, newKey, Tab } from "../document/tab";
import { type Engine, type Opened, Refusal, type SessionContent } from "../engine/engine";
import { levelSize } from "../render/picture";
import type { Edits } from "./edits";
import { report, tell, warn, withdrawActions } from "./notices";
import { type Photograph, presentDocument, type State } from "./state";
import type { Store } from "./store";

const SAVE_AFTER_MS = 400;
const WITHOUT_HINTS: History<Document> = beginHistory(EMPTY);

export interface KeptWork extends SavedWork {
  /** Another tab is at work on it. */
  readonly elsewhere: boolean;
}

export class Works {
  readonly #store: Store<State>;
  readonly #engine: Engine;
  readonly #edits: Edits;
  readonly #tab = new Tab();
  readonly #autosave: Promise<Autosave | null>;
  #opening: AbortController | undefined;
  #key: string | null = null;
  #saved: History<Document> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A session that was opened before its photograph. */
  #waitingSession: SessionContent | null = null;

  constructor(store: Store<State>, engine: Engine, edits: Edits) {
    this.#store = store;
    this.#engine = engine;
    this.#edits = edits;
    this.#autosave = Autosave.open().catch(() => null);
    store.watch(() => this.#saveSoon());
    // The last chance before a tab is closed or, on a phone, put away.
    document.addEventListener("visibilitychange", () => void this.#save());
    addEventListener("pagehide", () => void this.#save());
  }

  /** Begin with what the page was started with, or with what this tab was at work on. */
  async begin(): Promise<void> {
    this.#engine
      .limits()
      .then((limits) => this.#store.set({ limits }))
      .catch((error: unknown) => report(this.#store, "The studio's service cannot be used", error));
    const given = await this.#engine.opening().catch(() => null);
    const key = this.#tab.lastKey();
    if (given) {
      await this.openFiles([given]);
    } else if (key !== null) {
      await this.reopen(key);
    }
  }

  /** Works of the past that can be gone on with, the last first. */
  async kept(): Promise<readonly KeptWork[]> {
    const autosave = await this.#autosave;
    const works = (await autosave?.works().catch(() => [])) ?? [];
    return Promise.all(works.map(async (work) => ({ ...work, elsewhere: await isHeld(work.key) })));
  }

  /**
   * Forget a kept work, unless a tab is at work on it.
   *
   * @param restored - Called when the work is there again, should it be wanted back.
   */
  async forget(key: string, restored: () => void): Promise<void> {
    const autosave = await this.#autosave;
    const [work, photograph] = await Promise.all([autosave?.work(key), autosave?.photograph(key)]);
    if (!autosave || !work) {
      return;
    }
    if (await isHeld(key)) {
      tell(this.#store, `“${work.name}” is open in another tab, and stays kept.`);
      return;
    }
    await autosave.forget(key);
    const restore = async () => {
      if (photograph) {
        this.#tellKept(await autosave.begin(work, photograph));
      } else {
        await autosave.save(work);
      }
      restored();
    };
    tell(this.#store, `“${work.name}” is forgotten.`, { words: "Undo", run: () => void restore() });
  }

  /** Go on with a kept work; with a copy of it where another tab is at work on it. */
  async reopen(key: string): Promise<void> {
    const autosave = await this.#autosave;
    const [work, file] = await Promise.all([autosave?.work(key), autosave?.photograph(key)]);
    if (!work || !file) {
      this.#tab.leave();
      if (work) {
        warn(this.#store, `The photograph “${work.name}” is not kept here. Open it again: its marks are.`);
      }
      return;
    }
    await this.#openPhotograph(new File([file], work.name, { type: file.type }), work);
  }

  /** Open what was dropped, pasted or chosen: a photograph, a session file, or one of each. */
  async openFiles(files: readonly File[]): Promise<void> {
    if (files.length === 0) {
      tell(this.#store, "That is no file. Save the photograph first, then drop or choose it here.");
    }
    const sessions = files.filter(isSession);
    const [picture, ...others] = files.filter((file) => !isSession(file));
    if (others.length > 0) {
      tell(this.#store, `One photograph at a time: only “${picture?.name}” is opened.`);
    }
    const ready = picture === undefined || (await this.#openPhotograph(picture));
    const session = sessions[0];
    if (session && ready) {
      await this.#openSession(session);
    } else if (session) {
      warn(this.#store, `“${session.name}” was not opened: it came with a photograph that is not open.`);
    }
  }

  /** Close the photograph. It stays kept. */
  async close(): Promise<void> {
    await this.#save();
    this.#opening?.abort();
    this.#store.state.photograph?.opened.close();
    this.#tab.leave();
    this.#key = null;
    withdrawActions(this.#store);
    this.#store.set({ ...NOTHING_OPEN, busy: null });
  }

  /**
   * Open a photograph, and go on with its work.
   *
   * @param asked - The work that was asked for; without it, the one that is kept of the photograph, if any.
   * @returns Whether it is open then.
   */
  async #openPhotograph(chosen: File, asked?: SavedWork): Promise<boolean> {
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    this.#store.set({ busy: `Opening ${chosen.name}…` });
    try {
      await this.#checkSize(chosen, opening.signal);
      // The page's own copy: the file may be changed or gone when it is needed again.
      const copy = new Blob([await readFile(chosen)], { type: chosen.type });
      const { photograph, kept } = await this.#takeIn(copy, chosen.name, opening.signal);
      const work = asked ?? kept;
      // What this tab has open itself is newer than what is kept of it.
      const history = work && work.key === this.#key ? this.#store.state.history : (work?.history ?? WITHOUT_HINTS);
      void this.#save();
      this.#store.state.photograph?.opened.close();
      // Until the new work has a key of its own, nothing is saved: it would replace the one before.
      this.#key = null;
      withdrawActions(this.#store);
      this.#store.set({ ...NOTHING_OPEN, photograph, history });
      await this.#keep(copy, photograph, work?.key ?? null);
      const isOpen = this.#store.state.photograph === photograph;
      if (isOpen) {
        if (!asked && kept && !isUntouched(kept)) {
          this.#tellGoingOn(chosen.name);
        }
        await this.#useWaiting(photograph.opened);
      }
      return isOpen;
    } catch (error) {
      report(this.#store, `“${chosen.name}” could not be opened`, error);
      return false;
    } finally {
      if (this.#opening === opening) {
        this.#store.set({ busy: null });
      }
    }
  }

  async #checkSize(file: File, signal: AbortSignal): Promise<void> {
    const limits = this.#store.state.limits ?? (await this.#engine.limits(signal));
    if (file.size > limits.bytes) {
      throw new Refusal(`it has ${megabytes(file.size)}, and at most ${megabytes(limits.bytes)} can be opened`);
    }
    if (file.size === 0) {
      throw new Refusal("the file is empty");
    }
  }

  /** The photograph, and what is kept of it. */
  async #takeIn(
    file: Blob,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly photograph: Photograph; readonly kept: SavedWork | undefined }> {
    const opened = await this.#engine.open(file, signal);
    try {
      const { width, height } = opened.size;
      const whole = { left: 0, top: 0, right: width, bottom: height };
      const [gray, kept] = await Promise.all([
        opened.gray(whole, levelSize(opened.size), signal),
        this.#keptOf(opened),
      ]);
      signal.throwIfAborted();
      return { photograph: { opened, name, gray }, kept };
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  async #keptOf({ sha256 }: Opened): Promise<SavedWork | undefined> {
    const autosave = await this.#autosave;
    return autosave?.workOf(sha256, this.#key).catch(() => undefined);
  }

  #tellGoingOn(name: string): void {
    tell(this.#store, `“${name}” was opened before: you go on where you were.`, {
      words: "Start afresh",
      run: () => this.#edits.replace(EMPTY, "Start afresh"),
    });
  }

  /** Keep the photograph and its work under this tab's key, a new one unless `key` is free. */
  async #keep(file: Blob, photograph: Photograph, key: string | null): Promise<void> {
    const own = key !== null && (await this.#tab.take(key)) ? key : newKey();
    if (own !== key) {
      await this.#tab.take(own);
    }
    const { history, photograph: now } = this.#store.state;
    if (now !== photograph) {
      return;
    }
    this.#key = own;
    this.#saved = history;
    const autosave = await this.#autosave;
    if (!autosave) {
      tell(this.#store, "This browser keeps nothing here: save a session file before you leave.");
      return;
    }
    const kept: Kept = await autosave.begin(savedWork(own, photograph, history), file).catch(() => "not kept" as const);
    this.#tellKept(kept);
  }

  #tellKept(kept: Kept): void {
    if (kept === "without photograph") {
      warn(
        this.#store,
        "This browser has no room for the photograph. Your hints are kept; after a reload, open the photograph again.",
      );
    } else if (kept === "not kept") {
      warn(this.#store, "This browser has no room to keep your work. Save a session file before you leave.");
    }
  }

  #saveSoon(): void {
    if (this.#key !== null && this.#store.state.history !== this.#saved && this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.#save(), SAVE_AFTER_MS);
    }
  }

  async #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { history, photograph } = this.#store.state;
    const key = this.#key;
    if (key === null || !photograph || history === this.#saved) {
      return;
    }
    this.#saved = history;
    const autosave = await this.#autosave;
    const work = savedWork(key, photograph, history);
    const kept = await autosave?.save(work).catch(() => false);
    if (kept === false) {
      this.#tellKept("not kept");
    }
  }

  async #openSession(file: File): Promise<void> {
    const { photograph: before } = this.#store.state;
    try {
      const content = await this.#engine.checkSession(parsed(await file.text()));
      const { photograph } = this.#store.state;
      if (before && photograph !== before) {
        throw new Refusal(`“${before.name}”, for which it was chosen, is no longer open`);
      }
      this.#waitingSession = content;
      if (photograph) {
        await this.#useWaiting(photograph.opened);
      } else {
        tell(this.#store, "The session is ready. Now open its photograph.");
      }
    } catch (error) {
      report(this.#store, `“${file.name}” could not be opened`, error);
    }
  }

  async #useWaiting(opened: Opened): Promise<void> {
    const content = this.#waitingSession;
    if (content) {
      this.#waitingSession = null;
      this.#edits.replace({ ...documentOf(content) }, "Open session");
      const same = content.image?.sha256 === opened.sha256;
      const { length } = presentDocument(this.#store.state).marks;
      tell(
        this.#store,
        same
          ? `Session opened: ${length} hints.`
          : `Session of another file opened: ${length} hints, placed by proportion.`,
      );
    }
  }
}

/** What a new photograph begins with. */
const NOTHING_OPEN = {
  photograph: null,
  history: WITHOUT_HINTS,
  selected: null,
  placing: false,
  uncolored: new Set<number>(),
  suggestions: [],
  colors: null,
  renewing: false,
  measuring: false,
  uncertainty: null,
  crosshair: null,
  path: [],
} as const satisfies Partial<State>;

function savedWork(key: string, { name, opened }: Photograph, history: History<Document>): SavedWork {
  return { key, name, sha256: opened.sha256, history, saved: Date.now() };
}

function isSession({ name, type }: File): boolean {
  return type === "application/json" || name.toLowerCase().endsWith(".json");
}

async function readFile(file: File): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Refusal("it cannot be read; is it a folder, or was it moved?");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("it is no session file that Photochrom saved");
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
