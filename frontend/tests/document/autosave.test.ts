import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Autosave, type SavedWork } from "../../src/document/autosave";
import { addMark, type Document, EMPTY } from "../../src/document/document";
import { beginHistory, commit, undo } from "../../src/document/history";

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("navigator", {
    locks: { query: async () => ({ held: [{ name: "photochrom-work open elsewhere" }] }) },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const PHOTOGRAPH = new Blob(["the file's own bytes"]);

/** A photograph that was opened, and no more. */
function untouched(key: string, saved: number): SavedWork {
  return { key, name: `${key}.jpg`, sha256: key, history: beginHistory<Document>(EMPTY), saved };
}

function work(key: string, saved: number): SavedWork {
  const hints = [{ x: 0.5, y: 0.5, color: "#b5651d", radius: 0.01 }];
  const history = commit(beginHistory<Document>(EMPTY), addMark(EMPTY, 1, hints), "Add point");
  return { key, name: `${key}.jpg`, sha256: key, history, saved };
}

/** There is room for so many photographs alone. */
function limitPhotographs(most: number): void {
  const put = IDBObjectStore.prototype.put;
  let held = 0;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, value, key) {
    if (this.name === "photographs" && ++held > most) {
      throw new DOMException("no room", "QuotaExceededError");
    }
    return put.call(this, value, key);
  });
  const remove = IDBObjectStore.prototype.delete;
  vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(function (this: IDBObjectStore, key) {
    held = this.name === "photographs" ? most - 1 : held;
    return remove.call(this, key);
  });
}

test("a work comes back with its photograph and its history", async () => {
  const autosave = await Autosave.open();
  expect(await autosave.begin(work("mine", 1), PHOTOGRAPH)).toBe("kept");
  const again = await Autosave.open();
  const kept = await again.work("mine");
  expect(kept).toEqual(work("mine", 1));
  expect(kept && undo(kept.history).present).toEqual(EMPTY);
  expect(await (await again.photograph("mine"))?.text()).toBe("the file's own bytes");
});

test("works of two tabs are kept apart, the last saved first", async () => {
  const autosave = await Autosave.open();
  await autosave.begin(work("one", 1), PHOTOGRAPH);
  await autosave.begin(work("two", 2), PHOTOGRAPH);
  await autosave.save(work("one", 3));
  expect((await autosave.works()).map(({ key }) => key)).toEqual(["one", "two"]);
});

test("very old works go, but never one that another tab has open", async () => {
  const autosave = await Autosave.open();
  await autosave.begin(work("open elsewhere", 0), PHOTOGRAPH);
  for (let i = 1; i <= 60; i++) {
    await autosave.begin(work(`work ${i}`, i), PHOTOGRAPH);
  }
  const keys = (await autosave.works()).map(({ key }) => key);
  expect(keys).toContain("open elsewhere");
  expect(keys).toContain("work 60");
  expect(keys).not.toContain("work 1");
  expect(await autosave.photograph("work 1")).toBeUndefined();
});

test("photographs that are only looked at displace one another, never a work", async () => {
  const autosave = await Autosave.open();
  await autosave.begin(work("work", 1), PHOTOGRAPH);
  for (let i = 2; i <= 60; i++) {
    await autosave.begin(untouched(`look ${i}`, i), PHOTOGRAPH);
  }
  expect((await autosave.works()).map(({ key }) => key)).toEqual(["look 60", "look 59", "look 58", "work"]);
});

test("for want of room, no more goes than must, and what nothing was done to first", async () => {
  const autosave = await Autosave.open();
  await autosave.begin(work("oldest", 1), PHOTOGRAPH);
  await autosave.begin(work("old", 2), PHOTOGRAPH);
  await autosave.begin(untouched("look", 3), PHOTOGRAPH);
  limitPhotographs(0);
  await autosave.begin(work("new", 4), PHOTOGRAPH);
  expect((await autosave.works()).map(({ key }) => key)).toEqual(["new", "old", "oldest"]);
});

test("for want of room, old works make way", async () => {
  const autosave = await Autosave.open();
  await autosave.begin(work("old", 1), PHOTOGRAPH);
  limitPhotographs(0);
  expect(await autosave.begin(work("new", 2), PHOTOGRAPH)).toBe("kept");
  expect(await autosave.photograph("old")).toBeUndefined();
});

test("where there is no room for the photograph, its hints are kept at least", async () => {
  const autosave = await Autosave.open();
  limitPhotographs(0);
  expect(await autosave.begin(work("huge", 1), PHOTOGRAPH)).toBe("without photograph");
  expect((await autosave.work("huge"))?.history.past).toHaveLength(1);
});
