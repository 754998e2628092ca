/** Undo and redo over values that never change: it keeps references, so that a hundred steps cost next to nothing. */

export interface History<T> {
  readonly past: readonly Step<T>[];
  readonly present: T;
  readonly future: readonly Step<T>[];
  /** What the last step was about: more of the same goes into that step. */
  readonly merging: string | null;
}

export interface Step<T> {
  readonly value: T;
  /** What doing it did, in words: "Add point". */
  readonly words: string;
}

export const MOST_STEPS = 500;

export function beginHistory<T>(present: T): History<T> {
  return { past: [], present, future: [], merging: null };
}

/**
 * Do a step.
 *
 * @param words - What it does: "Add point".
 * @param merge - Steps that follow one another with the same key are one, as those of a drag.
 */
export function commit<T>(history: History<T>, present: T, words: string, merge: string | null = null): History<T> {
  if (present === history.present) {
    return history;
  }
  const merges = merge !== null && merge === history.merging;
  const past = merges ? history.past : [...history.past, { value: history.present, words }].slice(-MOST_STEPS);
  return { past, present, future: [], merging: merge };
}

/** End the step at hand: what comes next is a step of its own. */
export function settle<T>(history: History<T>): History<T> {
  return history.merging === null ? history : { ...history, merging: null };
}

export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (!last) {
    return history;
  }
  const undone = { value: history.present, words: last.words };
  return { past: history.past.slice(0, -1), present: last.value, future: [undone, ...history.future], merging: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (!next) {
    return history;
  }
  const done = { value: history.present, words: next.words };
  return { past: [...history.past, done], present: next.value, future, merging: null };
}

/** Change all values, past and to come, without a step. */
export function rewrite<T>(history: History<T>, change: (value: T) => T): History<T> {
  const rewritten = (step: Step<T>) => ({ ...step, value: change(step.value) });
  return {
    ...history,
    past: history.past.map(rewritten),
    present: change(history.present),
    future: history.future.map(rewritten),
  };
}
