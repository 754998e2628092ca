/** Asking a service that may be away or busy for a while: quiet, patient repetition. */

import { type Presence, Refusal } from "./engine";

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8000;
/** How long to ask a busy service again without a word. */
const QUIET_MS = 4000;
/** So many answers that it cannot be done now, without a queue to wait for, are a refusal. */
const MOST_TROUBLES = 3;

/** What openapi-fetch gives back. */
export interface Fetched<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The service does not know, or no longer, what was asked about. */
export class Gone extends Refusal {}

export interface Connection {
  /**
   * Ask until the service answers, with a new request each time. Throws a `Refusal` if it says no, or again and again
   * that it cannot; `Gone` for a 404.
   */
  ask<T>(send: () => Promise<Fetched<T>>, signal?: AbortSignal): Promise<Fetched<T>>;
}

/**
 * @param onPresence - Told each time the service goes away, is busy for some seconds, or is there again.
 */
export function createConnection(onPresence: (presence: Presence) => void): Connection {
  let presence: Presence = "here";
  let busySince: number | null = null;
  /** @param waitingSince - When the question that is to be asked again was asked. */
  const note = (isAnswered: boolean, waitingSince: number | null) => {
    busySince = isAnswered && waitingSince !== null ? (busySince ?? waitingSince) : null;
    const isBusy = busySince !== null && Date.now() - busySince >= QUIET_MS;
    const now = isAnswered ? (isBusy ? "busy" : "here") : "away";
    if (now !== presence) {
      presence = now;
      onPresence(now);
    }
  };
  return {
    async ask(send, signal) {
      let troubles = 0;
      for (let attempt = 0; ; attempt++) {
        signal?.throwIfAborted();
        const asked = Date.now();
        const fetched = await reached(send, signal);
        troubles += fetched && isTrouble(fetched.response) ? 1 : 0;
        const isToBeAsked = !fetched || (isPassing(fetched.response) && troubles < MOST_TROUBLES);
        note(fetched !== undefined, isToBeAsked ? asked : null);
        if (fetched?.response.ok) {
          return fetched;
        }
        if (fetched && !isToBeAsked) {
          throw refusalOf(fetched);
        }
        await pause(pauseBefore(attempt, fetched?.response), signal);
      }
    },
  };
}

/** Milliseconds to wait: what the service asks for, or twice as long each time. */
export function pauseBefore(attempt: number, response: Response | undefined): number {
  const asked = askedPause(response);
  return Math.min(asked > 0 ? asked : FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

function refusalOf({ error, response }: Fetched<unknown>): Refusal {
  const detail = typeof error === "object" && error !== null && "detail" in error ? String(error.detail) : "";
  const words = detail || `the service answered ${response.status}`;
  return response.status === 404 ? new Gone(words) : new Refusal(words);
}

function isPassing({ status }: Response): boolean {
  return status === 503 || status === 504;
}

/** Queues are gone in a moment. Who asks for more time, or for none, has no room, or needed too long. */
function isTrouble(response: Response): boolean {
  const asked = askedPause(response);
  return isPassing(response) && (asked === 0 || asked > LONGEST_PAUSE_MS);
}

/** Milliseconds that the service asks to wait, or 0. */
function askedPause(response: Response | undefined): number {
  return Number(response?.headers.get("Retry-After")) * 1000 || 0;
}

/** The answer, or undefined where the service is out of reach: fetch throws a TypeError, or a proxy answers 502. */
async function reached<T>(
  send: () => Promise<Fetched<T>>,
  signal: AbortSignal | undefined,
): Promise<Fetched<T> | undefined> {
  try {
    const fetched = await send();
    return fetched.response.status === 502 ? undefined : fetched;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
