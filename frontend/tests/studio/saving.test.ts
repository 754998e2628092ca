import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Decisions, SessionContent } from "../../src/engine/engine";
import { keepColored } from "../../src/studio/coloring";
import { Edits } from "../../src/studio/edits";
import { savePicture, saveSession } from "../../src/studio/saving";
import { FakeOpened, openPage, rest, suggestion } from "./fake";

const HERE = { x: 0.5, y: 0.5 };

beforeEach(() => {
  vi.stubGlobal("document", { createElement: () => ({ click: () => undefined }) });
});
afterEach(() => vi.unstubAllGlobals());

/** A person with a point that waits for its colour; and what the sessions are made of. */
async function start() {
  const { store, opened } = await openPage();
  const edits = new Edits(store);
  keepColored(store);
  edits.addPoint(HERE);
  const made: (readonly (string | null)[])[] = [];
  Object.assign(opened, {
    session: async (decisions: Decisions): Promise<SessionContent> => {
      made.push(decisions.hints.map(({ color }) => color));
      return { photochrom: 1 };
    },
    exportPicture: async () => new Blob(),
  });
  return { store, opened, edits, made };
}

test.each([
  ["picture", savePicture],
  ["session", saveSession],
])("a %s is saved once all marks have their colours", async (_, save) => {
  const { store, opened, made } = await start();
  const saved = save(store, { format: "png", layer: false });
  await rest();
  expect(made).toEqual([]);
  await opened.askedSuggestions.at(-1)?.answer([suggestion("#b5651d")]);
  await saved;
  expect(made).toEqual([["#b5651d"]]);
});

test("a mark that was undone while it waited holds nothing up", async () => {
  const { store, edits, made } = await start();
  edits.undo();
  edits.addNeutral(HERE);
  await saveSession(store);
  expect(made).toEqual([[null]]);
});

test("what is closed before its marks have their colours is not saved, and that is told", async () => {
  const { store, made } = await start();
  const saved = saveSession(store);
  const opened = new FakeOpened();
  store.set({ photograph: { opened, name: "other.jpg", gray: await opened.gray() } });
  await saved;
  expect(made).toEqual([]);
  expect(store.state.notices[0]?.words).toContain("could not be saved");
});
