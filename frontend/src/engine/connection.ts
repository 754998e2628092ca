/** Asking a service that may be away for a while: quiet, patient repetition. */

import { Refusal } from "./engine";

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8000;

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
   * Ask until the service answers, with a new request each time. Throws a `Refusal` if it says no; `Gone` for a 404.
   */
  ask<T>(send: () => Promise<Fetched<T>>, signal?: AbortSignal): Promise<Fetched<T>>;
}

/**
 * @param onReachable - Told each time the service goes away or comes back.
 */
export function createConnection(onReachable: (reachable: boolean) => void): Connection {
  let reachable = true;
  const note = (now: boolean) => {
    if (now !== reachable) {
      reachable = now;
      onReachable(now);
    }
  };
  return {
    async ask(send, signal) {
      for (let attempt = 0; ; attempt++) {
        signal?.throwIfAborted();
        const fetched = await reached(send, signal);
        note(fetched !== undefined);
        if (fetched?.response.ok) {
          return fetched;
        }
        if (fetched && !isPassing(fetched.response)) {
          throw refusalOf(fetched);
        }
        await pause(pauseBefore(attempt, fetched?.response), signal);
      }
    },
  };
}

/** Milliseconds to wait: what the service asks for, or twice as long each time. */
export function pauseBefore(attempt: number, response: Response | undefined): number {
  const asked = Number(response?.headers.get("Retry-After"));
  return Math.min(asked > 0 ? asked * 1000 : FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

function refusalOf({ error, response }: Fetched<unknown>): Refusal {
  const detail = typeof error === "object" && error !== null && "detail" in error ? String(error.detail) : "";
  const words = detail || `the service answered ${response.status}`;
  return response.status === 404 ? new Gone(words) : new Refusal(words);
}

function isPassing({ status }: Response): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** The answer, or undefined where the service is out of reach: fetch then throws a TypeError. */
async function reached<T>(
  send: () => Promise<Fetched<T>>,
  signal: AbortSignal | undefined,
): Promise<Fetched<T> | undefined> {
  try {
    return await send();
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
