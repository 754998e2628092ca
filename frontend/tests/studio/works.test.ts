import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Engine, Refusal } from "../../src/engine/engine";
import { Edits } from "../../src/studio/edits";
import { createStore, presentDocument } from "../../src/studio/state";
import { Works } from "../../src/studio/works";
import { FakeOpened } from "./fake";

let browser: EventTarget;

beforeEach(() => {
  browser = new EventTarget();
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("document", browser);
  vi.stubGlobal("addEventListener", browser.addEventListener.bind(browser));
  anotherTab();
  loadAnew();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

class FakeStorage extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
}

/** Locks of all tabs; whoever takes one waits a little. */
class FakeLocks {
  readonly #held = new Set<string>();

  async query() {
    return { held: [...this.#held].map((name) => ({ name })) };
  }

  async request(name: string, _: object, take: (lock: object | null) => Promise<void>): Promise<void> {
    await moment();
    if (this.#held.has(name)) {
      return take(null);
    }
    this.#held.add(name);
    await take({ name });
    this.#held.delete(name);
  }
}

/** What is started from now on is so in another tab. */
function anotherTab(): void {
  vi.stubGlobal("sessionStorage", new FakeStorage());
}

/** The pages that were started before are gone, and their locks with them. */
function loadAnew(): void {
  vi.stubGlobal("navigator", { locks: new FakeLocks() });
}

/** As long as a browser may take for a file, a lock or a record. */
function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** A page whose engine opens every file, unless it is told otherwise. */
function start(
  open: (file: Blob) => Promise<FakeOpened> = async (file) => new FakeOpened(await file.text()),
  checkSession = async (content: unknown) => content,
) {
  const store = createStore();
  const engine = {
    limits: async () => ({ bytes: 1000, pixels: 1000, hints: 1000 }),
    open,
    checkSession,
    opening: async () => null,
  };
  const edits = new Edits(store);
  const works = new Works(store, engine as unknown as Engine, edits);
  return { store, edits, works, marks: () => presentDocument(store.state).marks };
}

const HERE = { x: 0.5, y: 0.5 };
const CHURCH = new File(["church"], "church.jpg");
const CAR = new File(["car"], "car.jpg");

/** The tab is put away. */
function hide(): void {
  browser.dispatchEvent(new Event("visibilitychange"));
}

async function keptMarks(works: Works): Promise<Record<string, number>> {
  await moment();
  return Object.fromEntries((await works.kept()).map(({ name, history }) => [name, history.present.marks.length]));
}

test("a tab that is put away while another photograph opens overwrites no work", async () => {
  const { store, edits, works } = start();
  await works.openFiles([CHURCH]);
  edits.addNeutral(HERE);
  store.watch(({ photograph }) => photograph?.name === CAR.name && queueMicrotask(hide));
  await works.openFiles([CAR]);
  expect(await keptMarks(works)).toEqual({ "church.jpg": 1, "car.jpg": 0 });
});

test("marks of a photograph that is opened right after another one are kept with it alone", async () => {
  const { store, edits, works, marks } = start();
  let next = Promise.resolve();
  store.watch(({ photograph }, previous) => {
    if (photograph?.name === CHURCH.name && !previous.photograph) {
      next = works.openFiles([CAR]);
    } else if (photograph?.name === CAR.name && marks().length === 0) {
      edits.addNeutral(HERE);
    }
  });
  await works.openFiles([CHURCH]);
  await next;
  hide();
  const kept = await keptMarks(works);
  expect([kept["church.jpg"] ?? 0, kept["car.jpg"]]).toEqual([0, 1]);
});

test("a session that comes with a photograph which is refused leaves the open one alone, and that is told", async () => {
  const { store, edits, works, marks } = start(async (file) => {
    if (file.size === CAR.size) {
      throw new Refusal("it is broken");
    }
    return new FakeOpened();
  });
  await works.openFiles([CHURCH]);
  edits.addNeutral(HERE);
  await works.openFiles([CAR, new File(['{"photochrom": 1, "hints": []}'], "car.photochrom.json")]);
  expect(marks()).toHaveLength(1);
  expect(store.state.notices.map(({ words }) => words)).toEqual([
    "“car.jpg” could not be opened: it is broken.",
    expect.stringContaining("“car.photochrom.json” was not opened"),
  ]);
});

test("a session that is checked while another photograph opens is not for that one, and that is told", async () => {
  let checked: () => void = () => undefined;
  const { store, works, marks } = start(
    undefined,
    (content) =>
      new Promise((resolve) => {
        checked = () => resolve(content);
      }),
  );
  await works.openFiles([CHURCH]);
  const session = works.openFiles([new File(['{"photochrom": 1, "hints": [{"x": 0, "y": 0}]}'], "church.json")]);
  await works.openFiles([CAR]);
  checked();
  await session;
  expect(marks()).toHaveLength(0);
  expect(store.state.notices.at(-1)?.words).toBe(
    "“church.json” could not be opened: “church.jpg”, for which it was chosen, is no longer open.",
  );
});

test("a work whose photograph could not be kept goes on, after a reload, when that is opened again", async () => {
  const before = start();
  const put = IDBObjectStore.prototype.put;
  const room = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
    value,
    key,
  ) {
    if (this.name === "photographs") {
      throw new DOMException("no room", "QuotaExceededError");
    }
    return put.call(this, value, key);
  });
  await before.works.openFiles([CHURCH]);
  before.edits.addNeutral(HERE);
  hide();
  await moment();
  room.mockRestore();

  loadAnew();
  const { edits, works, marks } = start();
  await works.begin();
  await works.openFiles([CAR]);
  expect(marks()).toHaveLength(0);
  await works.openFiles([CHURCH]);
  expect(marks()).toHaveLength(1);
  edits.addNeutral(HERE);
  hide();
  expect(await keptMarks(works)).toEqual({ "church.jpg": 2, "car.jpg": 0 });
  edits.undo();
  edits.undo();
  expect(marks()).toHaveLength(0);
});

test("a photograph that is opened again goes on with its work, and takes no further place", async () => {
  const before = start();
  await before.works.openFiles([CHURCH]);
  before.edits.addNeutral(HERE);
  await before.works.close();

  anotherTab();
  const { store, edits, works, marks } = start();
  await works.openFiles([new File([CHURCH], "a copy.jpg")]);
  expect(marks()).toHaveLength(1);
  const [notice] = store.state.notices;
  expect(notice?.words).toBe("“a copy.jpg” was opened before: you go on where you were.");
  notice?.action?.run();
  expect(marks()).toHaveLength(0);
  edits.undo();
  expect(marks()).toHaveLength(1);
  hide();
  expect(await keptMarks(works)).toEqual({ "a copy.jpg": 1 });
});

test("the photograph that is open goes on with its last edits when it is chosen again", async () => {
  const { edits, works, marks } = start();
  await works.openFiles([CHURCH]);
  await moment();
  edits.addNeutral(HERE);
  await works.openFiles([CHURCH]);
  expect(marks()).toHaveLength(1);
  edits.addNeutral(HERE);
  hide();
  expect(await keptMarks(works)).toEqual({ "church.jpg": 2 });
});

test("a photograph at work in another tab begins anew", async () => {
  const other = start();
  await other.works.openFiles([CHURCH]);
  other.edits.addNeutral(HERE);
  hide();
  await moment();
  anotherTab();
  const { store, works, marks } = start();
  await works.openFiles([CHURCH]);
  expect(marks()).toHaveLength(0);
  expect(store.state.notices).toEqual([]);
  expect(await works.kept()).toHaveLength(2);
});

test("what another tab took up since it was listed is not forgotten", async () => {
  const other = start();
  await other.works.openFiles([CHURCH]);
  anotherTab();
  const { store, works } = start();
  const [work] = await works.kept();
  expect(work?.elsewhere).toBe(true);
  await works.forget(work?.key ?? "", () => undefined);
  expect(await works.kept()).toHaveLength(1);
  expect(store.state.notices[0]?.words).toBe("“church.jpg” is open in another tab, and stays kept.");
});

test("of a photograph that is given up while it opens, nothing stays open", async () => {
  const all: FakeOpened[] = [];
  let next = Promise.resolve();
  const { store, works } = start(async () => {
    const opened = new FakeOpened();
    all.push(opened);
    if (all.length === 1) {
      opened.gray = () => Promise.reject(new Refusal("it is broken"));
    } else if (all.length === 2) {
      next = works.openFiles([CAR]);
    }
    return opened;
  });
  await works.openFiles([CHURCH]);
  await works.openFiles([CHURCH]);
  await next;
  expect(all.map(({ closed }) => closed)).toEqual([true, true, false]);
  expect(store.state.photograph?.opened).toBe(all[2]);
});
