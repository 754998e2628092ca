import { expect, test } from "vitest";
import type { Palette } from "../../src/engine/engine";
import { takePalette } from "../../src/panels/reference";
import { Edits } from "../../src/studio/edits";
import { presentDocument } from "../../src/studio/state";
import { FakeOpened, openPage } from "../studio/fake";

const AUTUMN = new File(["leaves"], "autumn.jpg");

async function start() {
  const { store } = await openPage();
  let answer: (palette: Palette) => void = () => undefined;
  const reference = () =>
    new Promise<Palette>((resolve) => {
      answer = resolve;
    });
  const taken = takePalette({ store, edits: new Edits(store) }, { reference }, AUTUMN);
  const finish = async () => {
    answer({ histogram: null, saturation: 0.4 });
    await taken;
  };
  return { store, finish, reference: () => presentDocument(store.state).reference };
}

test("a picture lends its palette to the photograph that is open", async () => {
  const { store, finish, reference } = await start();
  expect(store.state.busy).toContain("autumn.jpg");
  await finish();
  expect(reference()).toEqual({ name: "autumn.jpg", histogram: null, saturation: 0.4 });
  expect(store.state.busy).toBeNull();
});

test("a palette that comes when another photograph is being opened, or open, is not for that one", async () => {
  const { store, finish, reference } = await start();
  const opened = new FakeOpened();
  store.set({ photograph: { opened, name: "other.jpg", gray: await opened.gray() }, busy: "Opening a third…" });
  await finish();
  expect(reference()).toBeNull();
  expect(store.state.busy).toBe("Opening a third…");
});
