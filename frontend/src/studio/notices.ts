/** What the page says beside its pictures: to the eye as notices, to screen readers as announcements. */

import { Refusal } from "../engine/engine";
import type { Notice, State } from "./state";
import type { Store } from "./store";

const NEWS_MS = 6000;

let count = 0;

/** Say what was done. It goes by itself. */
export function tell(store: Store<State>, words: string): void {
  const { id } = add(store, "news", words);
  setTimeout(() => dismiss(store, id), NEWS_MS);
}

/** Say what went wrong and what to do. It stays until it is dismissed. */
export function warn(store: Store<State>, words: string): void {
  add(store, "problem", words);
}

export function dismiss(store: Store<State>, id: number): void {
  store.set({ notices: store.state.notices.filter((notice) => notice.id !== id) });
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

function add(store: Store<State>, kind: Notice["kind"], words: string): Notice {
  const notice = { id: ++count, kind, words };
  const others = store.state.notices.filter(
    (other) => other.words !== words && (kind !== "news" || other.kind !== kind),
  );
  store.set({ notices: [...others, notice].slice(-3) });
  return notice;
}
