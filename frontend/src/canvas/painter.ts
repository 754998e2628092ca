/** Has the worker paint what is to be seen, the most wanted first and always by the newest wish. */

import * as Comlink from "comlink";
import type { Opened } from "../engine/engine";
import type {
  ColorGrid,
  Decode,
  GrayPicture,
  Hint,
  Mode,
  Painting,
  Photograph,
  Plane,
  Rectangle,
  Renderer,
  Size,
  View,
} from "../render/contract";

/** A part of the photograph, painted. */
export interface Layer {
  readonly part: Rectangle;
  readonly canvas: HTMLCanvasElement;
  readonly image: ImageData;
  /** Of what it is painted. */
  readonly stamp: string;
}

/** What is to be seen. */
export interface Look {
  readonly part: Rectangle;
  readonly size: Size;
  readonly modes: readonly Mode[];
  readonly decode: Decode;
  readonly saturation: number;
  readonly temperature: number;
  readonly uncertainty: Plane | null;
}

interface Job {
  readonly slot: string;
  readonly stamp: string;
  readonly mode: Mode;
  readonly part: Rectangle;
  readonly size: Size;
}

/** Longest side of the picture of the whole that lies under the part in view. */
const WHOLE_SIDE = 1024;
const MOST_GRAYS = 4;

export class Painter {
  readonly #renderer: Comlink.Remote<Renderer>;
  readonly #onPainted: () => void;
  readonly #onFailed: (error: unknown) => void;
  readonly #layers = new Map<string, Layer>();
  readonly #grays = new Map<string, GrayPicture>();
  #photograph: { readonly id: number; readonly opened: Opened } | null = null;
  #look: Look | null = null;
  #versions = { photograph: 0, colors: 0, uncertainty: 0 };
  #running = false;

  constructor(onPainted: () => void, onFailed: (error: unknown) => void) {
    this.#onPainted = onPainted;
    this.#onFailed = onFailed;
    this.#renderer = Comlink.wrap(new Worker(new URL("../render/worker.ts", import.meta.url), { type: "module" }));
  }

  /** Begin with another photograph, or with none. */
  begin(photograph: { readonly opened: Opened; readonly gray: GrayPicture } | null): void {
    this.#layers.clear();
    this.#grays.clear();
    this.#look = null;
    this.#photograph = null;
    if (photograph) {
      const id = ++this.#versions.photograph;
      this.#photograph = { id, opened: photograph.opened };
      this.#tell(this.#renderer.setPhotograph(sentPhotograph(photograph, id)));
    }
  }

  setColors(grid: ColorGrid, hints: readonly Hint[]): void {
    this.#versions.colors++;
    this.#tell(this.#renderer.setGrid(grid, hints));
    void this.#run();
  }

  want(look: Look): void {
    this.#versions.uncertainty += look.uncertainty === this.#look?.uncertainty ? 0 : 1;
    this.#look = look;
    void this.#run();
  }

  /** What there is to draw of a mode, the lowest first. */
  layers(mode: Mode): readonly Layer[] {
    return ["whole", "part"].flatMap((slot) => this.#layers.get(`${slot} ${mode}`) ?? []);
  }

  /** Whether the part in view is painted as is wanted. */
  get isCurrent(): boolean {
    const wanted = this.#look?.modes ?? [];
    const jobs = this.#jobs().slice(0, wanted.length);
    return jobs.every(({ slot, stamp }) => this.#layers.get(slot)?.stamp === stamp);
  }

  async #run(): Promise<void> {
    if (this.#running) {
      return;
    }
    this.#running = true;
    try {
      for (let job = this.#nextJob(); job; job = this.#nextJob()) {
        await this.#paint(job);
      }
    } catch (error) {
      this.#onFailed(error);
    } finally {
      this.#running = false;
    }
  }

  /** The most wanted painting that is missing or out of date. */
  #nextJob(): Job | undefined {
    return this.#jobs().find(({ slot, stamp }) => this.#layers.get(slot)?.stamp !== stamp);
  }

  #jobs(): readonly Job[] {
    const [look, photograph] = [this.#look, this.#photograph];
    if (!look || !photograph) {
      return [];
    }
    const whole = wholeOf(photograph.opened.size);
    const part = (mode: Mode) => this.#job("part", mode, look, look.part, look.size);
    const under = (mode: Mode) => this.#job("whole", mode, look, whole, reduced(photograph.opened.size, WHOLE_SIDE));
    const isWhole = JSON.stringify(look.part) === JSON.stringify(whole);
    return [
      ...look.modes.map(part),
      ...(isWhole ? [] : look.modes.map(under)),
      // Ready before it is asked for, so that peeking at it takes no time.
      part("original"),
    ];
  }

  #job(slot: string, mode: Mode, look: Look, part: Rectangle, size: Size): Job {
    const { photograph, colors, uncertainty } = this.#versions;
    const { decode, saturation, temperature } = look;
    const colored = mode === "original" ? [] : [colors, decode, saturation, temperature];
    const stamp = [photograph, part, size, mode === "uncertainty" ? uncertainty : colored];
    return { slot: `${slot} ${mode}`, stamp: JSON.stringify(stamp), mode, part, size };
  }

  async #paint({ slot, stamp, mode, part, size }: Job): Promise<void> {
    const [look, photograph] = [this.#look, this.#photograph];
    if (!look || !photograph) {
      return;
    }
    const gray = await this.#gray(photograph, part, size);
    if (photograph !== this.#photograph) {
      return;
    }
    const { decode, saturation, temperature, uncertainty } = look;
    const view: View = { ...gray, rectangle: part, decode, saturation, temperature, mode };
    const painting = await this.#renderer.paint(uncertainty ? { ...view, uncertainty } : view);
    if (painting.id === String(this.#photograph?.id)) {
      this.#layers.set(slot, layerOf(painting, part, stamp));
      this.#onPainted();
    }
  }

  async #gray({ id, opened }: { id: number; opened: Opened }, part: Rectangle, size: Size): Promise<GrayPicture> {
    const key = JSON.stringify([id, part, size]);
    const known = this.#grays.get(key);
    const gray = known ?? (await opened.gray(part, size));
    // Set anew, it is the youngest.
    this.#grays.delete(key);
    this.#grays.set(key, gray);
    for (const old of [...this.#grays.keys()].slice(0, -MOST_GRAYS)) {
      this.#grays.delete(old);
    }
    return gray;
  }

  #tell(told: Promise<void>): void {
    told.catch(this.#onFailed);
  }
}

/** A photograph's size made smaller, if need be, for its longer side to be `side`. */
export function reduced({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export function wholeOf({ width, height }: Size): Rectangle {
  return { left: 0, top: 0, right: width, bottom: height };
}

function sentPhotograph(photograph: { readonly opened: Opened; readonly gray: GrayPicture }, id: number): Photograph {
  return { id: String(id), ...photograph.opened.size, gray: photograph.gray };
}

function layerOf({ pixels, width, height }: Painting, part: Rectangle, stamp: string): Layer {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(pixels, width);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return { part, canvas, image, stamp };
}
