/** The page's state in one place; whoever shows a part of it is told of every change. */

export type Listener<T> = (state: T, previous: T) => void;

export class Store<T extends object> {
  #state: T;
  readonly #listeners = new Set<Listener<T>>();

  constructor(state: T) {
    this.#state = state;
  }

  get state(): T {
    return this.#state;
  }

  /** Change a part of the state. */
  set(change: Partial<T>): void {
    const previous = this.#state;
    const changed = (Object.keys(change) as (keyof T)[]).some((key) => change[key] !== previous[key]);
    if (changed) {
      this.#state = { ...previous, ...change };
      for (const listener of [...this.#listeners]) {
        listener(this.#state, previous);
      }
    }
  }

  /** Wait until the state is so. */
  until(isSo: (state: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const listener = (state: T) => {
        if (isSo(state)) {
          this.#listeners.delete(listener);
          resolve(state);
        }
      };
      this.watch(listener);
    });
  }

  /** Tell `listener` of every change, and now. */
  watch(listener: Listener<T>): void {
    this.#listeners.add(listener);
    listener(this.#state, this.#state);
  }
}
