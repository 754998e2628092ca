/**
 * A photograph in colour, at any zoom and crop: the port of `photochrom.render` for a page that shows it.
 *
 * Python blends from the grid to block means of the photograph and from there to its pixels. A view does the same: where
 * it shows more than the block means, it blends from them, made for its own part only; where it shows less, its own
 * pixels take their place.
 */

import { LIGHTNESS_OF_GRAY } from "../color/lab";
import { type Axis, type ColorField, type Taps, tapsBetween, wholeAxis } from "./blend";
import type { ColorGrid, Decode, GrayPicture, Hint, Plane, Rectangle, Size, View } from "./contract";
import { adjusted, lightnessOf, paintColors } from "./paint";
import { hintPins, lastOfEachPixel, type Pin, type PinnedPixel, pinned, pinReach } from "./pins";
import { paintGrayRow, paintRow } from "./pixels";
import { bilinear, colorField, levelBlock, levelField, prepareUpsampling, type Upsampling } from "./upsample";

/** A place at the very border, a fraction of 1, belongs to the last pixel. */
const LAST = 1 - 1e-9;
/** The gray of L = 65, at which most hues have room. */
const CHROMA_GRAY = 158;
/**
 * Uncertainty is drawn as chroma of one hue, which CIELAB makes even: 0 is gray, 1 the orange of chroma 48. That hue has
 * so much room at every L from 35 to 75, and neither kind of red-green blindness takes it for gray.
 */
const UNCERTAIN_A = 48 * Math.cos((65 * Math.PI) / 180);
const UNCERTAIN_B = 48 * Math.sin((65 * Math.PI) / 180);
const UNCERTAIN_LIGHTNESS = [35, 75] as const;

/** The size to which to reduce a photograph's gray for `Picture`: that of Python's block means. */
export function levelSize({ width, height }: Size): Size {
  const block = levelBlock({ width, height });
  return { width: Math.ceil(width / block), height: Math.ceil(height / block) };
}

/** One photograph and its colours, from which views are painted. */
export class Picture {
  readonly #size: Size;
  readonly #level: Plane;
  #upsampling: Upsampling | undefined;
  #grid: ColorGrid | undefined;
  #pins: readonly Pin[] = [];
  readonly #fields = new Map<Decode, ColorField>();
  /** The last view's field: saturation and temperature change more often than what is in view. */
  #pinned: { readonly of: string; readonly field: ColorField } | undefined;

  /**
   * @param size - The photograph's own.
   * @param gray - All of it, reduced by area to `levelSize` or near to that.
   */
  constructor(size: Size, gray: GrayPicture) {
    this.#size = { width: size.width, height: size.height };
    this.#level = {
      width: gray.width,
      height: gray.height,
      values: lightnessOf(gray.pixels, new Float32Array(gray.pixels.length)),
    };
  }

  /** Take over the network's colours and the hints from which it made them. */
  setGrid(grid: ColorGrid, hints: readonly Hint[]): void {
    const last = this.#grid;
    if (!this.#upsampling || last?.width !== grid.width || last.height !== grid.height) {
      this.#upsampling = prepareUpsampling(this.#level, grid);
    }
    this.#grid = grid;
    this.#pins = hintPins(hints, grid);
    this.#fields.clear();
    this.#pinned = undefined;
  }

  /** Paint a view as RGBA. Without colours yet, it is the photograph. */
  paint(view: View): Uint8ClampedArray<ArrayBuffer> {
    const pixels = new Uint32Array(view.width * view.height);
    const field = view.mode === "original" || view.mode === "uncertainty" ? undefined : this.#viewField(view);
    if (view.mode === "uncertainty" && view.uncertainty) {
      this.#paintUncertainty(view, view.uncertainty, pixels);
    } else if (field) {
      const { down, across } = this.#taps(view, field);
      paintColors(adjusted(field, view), down, across, view, pixels, view.mode === "chroma" ? CHROMA_GRAY : undefined);
    } else {
      paintGrayRow(view.pixels, pixels);
    }
    return new Uint8ClampedArray(pixels.buffer);
  }

  #paintUncertainty(view: View, { width, height, values }: Plane, pixels: Uint32Array): void {
    const { down, across } = this.#taps(view, { down: wholeAxis(height), across: wholeAxis(width) });
    const a = new Float32Array(view.width);
    const b = new Float32Array(view.width);
    const gray = new Uint8ClampedArray(view.width);
    for (let row = 0; row < view.height; row++) {
      const start = row * view.width;
      for (let i = 0; i < view.width; i++) {
        const open = bilinear(values, width, down, row, across, i);
        a[i] = open * UNCERTAIN_A;
        b[i] = open * UNCERTAIN_B;
        gray[i] = MUTED_GRAY[view.pixels[start + i] as number] as number;
      }
      paintRow(gray, a, b, pixels.subarray(start, start + view.width));
    }
  }

  /** The colours from which to blend a view, pins included. */
  #viewField(view: View): ColorField | undefined {
    const { decode, width, height, rectangle } = view;
    const of = JSON.stringify([decode, width, height, rectangle]);
    const fine = this.#fineField(decode);
    if (fine && this.#pinned?.of !== of) {
      const levelPixel = this.#size.width / this.#level.width;
      const viewPixel = (rectangle.right - rectangle.left) / width;
      const field = levelPixel > 1 && viewPixel < levelPixel ? this.#levelPart(fine, rectangle) : fine;
      this.#pinned = { of, field: pinned(field, this.#pinnedPixels(view, field)) };
    }
    return fine && this.#pinned?.field;
  }

  #fineField(decode: Decode): ColorField | undefined {
    const known = this.#fields.get(decode);
    if (known || !this.#grid || !this.#upsampling) {
      return known;
    }
    const { width, height, accurateA, accurateB, vividA, vividB } = this.#grid;
    const [a, b] = decode === "vivid" ? [vividA, vividB] : [accurateA, accurateB];
    const field = colorField(this.#upsampling, { width, height, a, b });
    this.#fields.set(decode, field);
    return field;
  }

  /** The part of the level under a rectangle, and as much around it as pins there reach. */
  #levelPart(fine: ColorField, { left, top, right, bottom }: Rectangle): ColorField {
    const margin = Math.ceil(pinReach(this.#level)) + 1;
    const down = partOf(this.#level.height, top / this.#size.height, bottom / this.#size.height, margin);
    const across = partOf(this.#level.width, left / this.#size.width, right / this.#size.width, margin);
    const lightness = new Float32Array(down.held * across.held);
    for (let row = 0; row < down.held; row++) {
      const from = (down.first + row) * across.cells + across.first;
      lightness.set(this.#level.values.subarray(from, from + across.held), row * across.held);
    }
    return levelField(fine, lightness, down, across);
  }

  /** The pixels under the pins that a field holds: the view's own, and beside it those of the level. */
  #pinnedPixels(view: View, field: ColorField): PinnedPixel[] {
    const held = this.#pins.filter((pin) => holds(field, pin));
    return lastOfEachPixel(held.map((pin) => this.#viewPixel(view, pin) ?? this.#levelPixel(pin)));
  }

  #viewPixel({ rectangle, width, height, pixels }: View, pin: Pin): PinnedPixel | undefined {
    const size = this.#size;
    const [spanX, spanY] = [rectangle.right - rectangle.left, rectangle.bottom - rectangle.top];
    const column = Math.floor(((Math.min(pin.x, LAST) * size.width - rectangle.left) / spanX) * width);
    const row = Math.floor(((Math.min(pin.y, LAST) * size.height - rectangle.top) / spanY) * height);
    if (column < 0 || row < 0 || column >= width || row >= height) {
      return undefined;
    }
    const x = (rectangle.left + ((column + 0.5) * spanX) / width) / size.width;
    const y = (rectangle.top + ((row + 0.5) * spanY) / height) / size.height;
    const lightness = LIGHTNESS_OF_GRAY[pixels[row * width + column] as number] as number;
    return { ...pin, x, y, lightness };
  }

  #levelPixel(pin: Pin): PinnedPixel {
    const { width, height, values } = this.#level;
    const column = Math.min(Math.floor(pin.x * width), width - 1);
    const row = Math.min(Math.floor(pin.y * height), height - 1);
    const lightness = values[row * width + column] as number;
    return { ...pin, x: (column + 0.5) / width, y: (row + 0.5) / height, lightness };
  }

  #taps({ rectangle, width, height }: View, field: { down: Axis; across: Axis }): { down: Taps; across: Taps } {
    const { left, top, right, bottom } = rectangle;
    const size = this.#size;
    return {
      down: tapsBetween(height, top / size.height, (bottom - top) / size.height / height, field.down),
      across: tapsBetween(width, left / size.width, (right - left) / size.width / width, field.across),
    };
  }
}

/** The photograph's grays, from black to white, as those that leave room for the colour of uncertainty. */
const MUTED_GRAY = Uint8ClampedArray.from(LIGHTNESS_OF_GRAY, (lightness) => {
  const [low, high] = UNCERTAIN_LIGHTNESS;
  const muted = low + (lightness / 100) * (high - low);
  return LIGHTNESS_OF_GRAY.findIndex((candidate) => candidate >= muted);
});

function partOf(cells: number, start: number, end: number, margin: number): Axis {
  const first = Math.max(0, Math.floor(start * cells) - margin);
  const last = Math.min(cells, Math.ceil(end * cells) + margin);
  return { cells, first, held: last - first };
}

function holds({ down, across }: ColorField, { x, y }: Pin): boolean {
  const within = (fraction: number, { cells, first, held }: Axis) =>
    fraction * cells >= first && fraction * cells <= first + held;
  return within(x, across) && within(y, down);
}
