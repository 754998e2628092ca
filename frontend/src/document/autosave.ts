/** Works kept in the browser, photographs and all: a reload, or a service that starts anew, costs nothing. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Document } from "./document";
import type { History } from "./history";
import { isHeld } from "./tab";

export interface SavedWork {
  readonly key: string;
  /** Of the photograph's file. */
  readonly name: string;
  readonly history: History<Document>;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

interface Schema extends DBSchema {
  works: { key: string; value: SavedWork };
  photographs: { key: string; value: Blob };
}

export type Kept = "kept" | "without photograph" | "not kept";

const MOST_WORKS = 12;

export class Autosave {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  /** Throws where the browser keeps nothing, as in some private windows. */
  static async open(): Promise<Autosave> {
    const database = await openDB<Schema>("photochrom", 1, {
      upgrade(upgraded) {
        upgraded.createObjectStore("works", { keyPath: "key" });
        upgraded.createObjectStore("photographs");
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new Autosave(database);
  }

  /** All kept works, the last saved first. */
  async works(): Promise<readonly SavedWork[]> {
    return (await this.#database.getAll("works")).sort((one, other) => other.saved - one.saved);
  }

  work(key: string): Promise<SavedWork | undefined> {
    return this.#database.get("works", key);
  }

  photograph(key: string): Promise<Blob | undefined> {
    return this.#database.get("photographs", key);
  }

  /** Keep a photograph and its work; for want of room, old works of no open tab go first. */
  async begin(work: SavedWork, photograph: Blob): Promise<Kept> {
    await this.#forgetOld(MOST_WORKS - 1, work.key);
    if (await this.#fits(work.key, () => this.#database.put("photographs", photograph, work.key))) {
      return (await this.save(work)) ? "kept" : "not kept";
    }
    return (await this.save(work)) ? "without photograph" : "not kept";
  }

  /** Keep a work's present state. Returns whether there was room. */
  save(work: SavedWork): Promise<boolean> {
    return this.#fits(work.key, () => this.#putWork(work));
  }

  /** Committed at once: what a page that is being left has not committed goes with it. */
  async #putWork(work: SavedWork): Promise<void> {
    const transaction = this.#database.transaction("works", "readwrite");
    const put = transaction.store.put(work);
    transaction.commit();
    await Promise.all([put, transaction.done]);
  }

  async forget(key: string): Promise<void> {
    await Promise.all([this.#database.delete("works", key), this.#database.delete("photographs", key)]);
  }

  async #fits(own: string, put: () => Promise<unknown>): Promise<boolean> {
    for (const others of [MOST_WORKS / 2, 1, 0]) {
      if (await isPut(put)) {
        return true;
      }
      await this.#forgetOld(others, own);
    }
    return isPut(put);
  }

  /** Forget all but the `others` last saved works of no open tab. */
  async #forgetOld(others: number, own: string): Promise<void> {
    const works = (await this.works()).filter(({ key }) => key !== own);
    for (const { key } of works.slice(others)) {
      if (!(await isHeld(key))) {
        await this.forget(key);
      }
    }
  }
}

/** Whether there was room for it. */
async function isPut(put: () => Promise<unknown>): Promise<boolean> {
  try {
    await put();
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") {
      return false;
    }
    throw error;
  }
}
