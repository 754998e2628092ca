/** Works kept in the browser, photographs and all: a reload, or a service that starts anew, costs nothing. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Document } from "./document";
import type { History } from "./history";
import { isHeld } from "./tab";

export interface SavedWork {
  readonly key: string;
  /** Of the photograph's file. */
  readonly name: string;
  readonly sha256: string;
  readonly history: History<Document>;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

interface Schema extends DBSchema {
  works: { key: string; value: SavedWork };
  photographs: { key: string; value: Blob };
}

export type Kept = "kept" | "without photograph" | "not kept";

/** Works beyond these go, those saved first before others. */
const MOST_WORKS = 50;
/** Of photographs that were opened and then left as they were. */
const MOST_UNTOUCHED = 3;

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

  /**
   * The work of a photograph, if it was kept and no other tab has it open.
   *
   * @param own - This tab's key.
   */
  async workOf(sha256: string, own: string | null): Promise<SavedWork | undefined> {
    const works = (await this.works()).filter((work) => work.sha256 === sha256);
    const within = await free(works.filter(({ key }) => key !== own));
    return works.find(({ key }) => key === own) ?? within.find((work) => !isUntouched(work)) ?? within[0];
  }

  photograph(key: string): Promise<Blob | undefined> {
    return this.#database.get("photographs", key);
  }

  /** Keep a photograph and its work; for want of room, others of no open tab go, one by one. */
  async begin(work: SavedWork, photograph: Blob): Promise<Kept> {
    await this.#forgetSurplus(work.key);
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
    if (await isPut(put)) {
      return true;
    }
    for (const other of await this.#dispensable(own)) {
      await this.forget(other);
      if (await isPut(put)) {
        return true;
      }
    }
    return false;
  }

  /** Leave room for one more work among the others. */
  async #forgetSurplus(own: string): Promise<void> {
    const works = (await this.works()).filter(({ key }) => key !== own);
    const surplus = [
      ...works.filter(isUntouched).slice(MOST_UNTOUCHED - 1),
      ...works.filter((work) => !isUntouched(work)).slice(MOST_WORKS - 1),
    ];
    await Promise.all((await free(surplus)).map(({ key }) => this.forget(key)));
  }

  /** The keys of the others that are open in no tab, what is missed least first. */
  async #dispensable(own: string): Promise<readonly string[]> {
    const others = (await free(await this.works())).filter(({ key }) => key !== own).reverse();
    return [...others.filter(isUntouched), ...others.filter((work) => !isUntouched(work))].map(({ key }) => key);
  }
}

/** Whether nothing was ever done to its photograph. */
export function isUntouched({ history: { past, future } }: SavedWork): boolean {
  return past.length + future.length === 0;
}

/** Those that no tab has open. */
async function free(works: readonly SavedWork[]): Promise<readonly SavedWork[]> {
  const held = await Promise.all(works.map(({ key }) => isHeld(key)));
  return works.filter((_, i) => !held[i]);
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
