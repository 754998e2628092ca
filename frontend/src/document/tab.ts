/**
 * Which of the kept works is this tab's.
 *
 * The key stays with the tab (sessionStorage) over reloads, and a lock says that it is at work. A duplicated tab has the
 * key too, but finds the lock taken and goes on under a key of its own.
 */

const ITEM = "photochrom-work";

export class Tab {
  #release: (() => void) | undefined;

  /** The key under which this tab, or the one that it was duplicated from, was at work. */
  lastKey(): string | null {
    return sessionStorage.getItem(ITEM);
  }

  /** Work under a key from now on. Returns whether it is free. */
  async take(key: string): Promise<boolean> {
    if (this.#release && this.lastKey() === key) {
      return true;
    }
    const release = await heldLock(key);
    if (!release) {
      return false;
    }
    this.leave();
    this.#release = release;
    sessionStorage.setItem(ITEM, key);
    return true;
  }

  leave(): void {
    sessionStorage.removeItem(ITEM);
    this.#release?.();
    this.#release = undefined;
  }
}

/** A key that nobody has: 128 random bits. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether a tab is at work under a key. */
export async function isHeld(key: string): Promise<boolean> {
  const { held } = (await locks()?.query()) ?? {};
  return held?.some(({ name }) => name === lockName(key)) ?? false;
}

/** Take a lock. Returns what releases it, or undefined where another has it. */
function heldLock(key: string): Promise<(() => void) | undefined> {
  const manager = locks();
  if (!manager) {
    return Promise.resolve(() => undefined);
  }
  return new Promise((resolve, reject) => {
    manager
      .request(lockName(key), { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Browsers have no locks where the page came by plain http from another computer. */
function locks(): LockManager | undefined {
  return "locks" in navigator ? navigator.locks : undefined;
}

function lockName(key: string): string {
  return `${ITEM} ${key}`;
}
