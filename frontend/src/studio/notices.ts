/** What the page says beside its pictures: to the eye as notices, to screen readers as announcements. */

import { Refusal } from "../engine/engine";
import type { Action, Notice, State } from "./state";
import type { Store } from "./store";

const NEWS_MS = 6000;
/** For news about which something can be done. */
const ACTION_MS = 30_000;

let count = 0;

/** Say what was done, and offer what can be done about it. It goes by itself. */
export function tell(store: Store<State>, words: string, action?: Action): void {
  const { id } = add(store, "news", words, action);
  setTimeout(() => dismiss(store, id), action ? ACTION_MS : NEWS_MS);
}

/** Say what went wrong and what to do. It stays until it is dismissed. */
export function warn(store: Store<State>, words: string): void {
  add(store, "problem", words);
}

/** Take back what was offered: it was about what is no longer there. */
export function withdrawActions(store: Store<State>): void {
  store.set({ notices: store.state.notices.filter(({ action }) => !action) });
}

export function dismiss(store: Store<State>, id: number): void {
  store.set({ notices: store.state.notices.filter((notice) => notice.id !== id) });
}

/** Say what takes a while for as long as it does. */
export async function whileBusy<T>(store: Store<State>, busy: string, work: () => Promise<T>): Promise<T> {
  store.set({ busy });
  try {
    return await work();
  } finally {
    if (store.state.busy === busy) {
      store.set({ busy: null });
    }
  }
}

/** Say what failed; what was stopped on purpose has not. */
export function report(store: Store<State>, doing: string, error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") {
    return;
  }
  if (!(error instanceof Refusal)) {
    console.error(error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  warn(store, `${doing}: ${reason.replace(/\.?$/, ".")}`);
}

function add(store: Store<State>, kind: Notice["kind"], words: string, action?: Action): Notice {
  const notice = { id: ++count, kind, words, ...(action && { action }) };
  const others = store.state.notices.filter(
    (other) => other.words !== words && (kind !== "news" || other.kind !== kind),
  );
  store.set({ notices: [...others, notice].slice(-3) });
  return notice;
}
