/** The focus is never lost with what had it. */

import type { State } from "../studio/state";
import type { Store } from "../studio/store";

/**
 * Whenever a change removes, hides or switches off what has the focus, give that to something else.
 *
 * @param fallback - Takes it. To be called after all others watch the store.
 */
export function keepFocus(store: Store<State>, fallback: () => void): void {
  let last: Element | null = null;
  addEventListener("focusin", ({ target }) => {
    last = target instanceof Element ? target : null;
  });
  store.watch(() => {
    // The browser may have taken the focus away already.
    const { activeElement, body } = document;
    const holder = activeElement === body ? last : activeElement;
    if (holder && !canHold(holder)) {
      last = null;
      fallback();
    }
  });
}

function canHold(element: Element): boolean {
  return !element.matches(":disabled") && element.checkVisibility({ visibilityProperty: true });
}
