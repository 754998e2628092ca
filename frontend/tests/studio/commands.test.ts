import { expect, test } from "vitest";
import type { Place } from "../../src/engine/engine";
import type { Bench } from "../../src/studio/commands";
import { whereNext } from "../../src/studio/commands";
import { openPage } from "./fake";

test("that a place is looked for shows until it is found", async () => {
  const { store, opened } = await openPage();
  let answer: (place: Place) => void = () => undefined;
  const asked = new Promise<Place>((resolve) => {
    answer = resolve;
  });
  Object.assign(opened, { nextHint: () => asked });
  const stage = { reveal: () => undefined, focus: () => undefined };
  const found = whereNext({ store, stage } as unknown as Bench);
  expect(store.state.busy).toContain("where a point helps most");
  answer({ x: 0.25, y: 0.5 });
  await found;
  expect(store.state.busy).toBeNull();
  expect(store.state.crosshair).toEqual({ x: 0.25, y: 0.5 });
});
