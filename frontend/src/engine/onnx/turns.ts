/**
 * Things done one at a time, in the order asked. Who no longer wants a thing when its turn comes is passed over, so that
 * while one edit is computed, those that were overtaken meanwhile cost nothing.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
