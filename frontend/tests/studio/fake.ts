/** A photograph whose questions are answered when a test says so. */

import type { Guidance, Opened, Place, Suggestion } from "../../src/engine/engine";
import type { ColorGrid, GrayPicture, Plane } from "../../src/render/contract";
import { createStore, type State } from "../../src/studio/state";
import type { Store } from "../../src/studio/store";

/** A question, and what answers it. */
export interface Asked<T> {
  readonly guidance: Guidance;
  readonly place?: Place;
  readonly signal: AbortSignal | undefined;
  answer(value: T): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export class FakeOpened implements Opened {
  readonly size = { width: 400, height: 300 };
  readonly sha256: string;
  closed = false;
  readonly askedColors: Asked<ColorGrid>[] = [];
  readonly askedUncertainty: Asked<Plane>[] = [];
  readonly askedSuggestions: Asked<readonly Suggestion[]>[] = [];

  /** @param sha256 - Of the file, or whatever else tells it from others. */
  constructor(sha256 = "0".repeat(64)) {
    this.sha256 = sha256;
  }

  colors(guidance: Guidance, signal?: AbortSignal): Promise<ColorGrid> {
    return ask(this.askedColors, { guidance, signal });
  }

  suggestions(guidance: Guidance, place: Place, _: number, signal?: AbortSignal): Promise<readonly Suggestion[]> {
    return ask(this.askedSuggestions, { guidance, place, signal });
  }

  uncertainty(guidance: Guidance, signal?: AbortSignal): Promise<Plane> {
    return ask(this.askedUncertainty, { guidance, signal });
  }

  async gray(): Promise<GrayPicture> {
    return { width: 4, height: 3, pixels: new Uint8ClampedArray(12).fill(128) };
  }

  nextHint = unused;
  variants = unused;
  session = unused;
  exportPicture = unused;

  close(): void {
    this.closed = true;
  }
}

/** A page with a photograph open. */
export async function openPage(): Promise<{ store: Store<State>; opened: FakeOpened }> {
  const store = createStore();
  const opened = new FakeOpened();
  store.set({ photograph: { opened, name: "old.jpg", gray: await opened.gray() } });
  return { store, opened };
}

export function gridOf(a: number): ColorGrid {
  const plane = new Float32Array([a]);
  return { width: 1, height: 1, accurateA: plane, accurateB: plane, vividA: plane, vividB: plane };
}

export function suggestion(color: string): Suggestion {
  return { color, ab: [0, 0], probability: 0.5 };
}

/** Let what waits for an answer go on. */
export async function rest(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

function ask<T>(asked: Asked<T>[], question: Pick<Asked<T>, "guidance" | "place" | "signal">): Promise<T> {
  return new Promise((resolve, reject) => {
    question.signal?.addEventListener("abort", () => reject(question.signal?.reason));
    asked.push({
      ...question,
      answer(value) {
        resolve(value);
        return rest();
      },
      fail(error) {
        reject(error);
        return rest();
      },
    });
  });
}

function unused(): never {
  throw new Error("not asked for in these tests");
}
