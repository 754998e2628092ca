/**
 * Hints held to the letter: the pixel in which a hint lies has its colour, whatever the upsampling made of it. The port
 * of `photochrom.pins` and of `hint_places` in `photochrom.hints`.
 */

import { hexToLab } from "../color/hex";
import { type Axis, type ColorField, RANGE, tapsBetween } from "./blend";
import type { Hint, Size } from "./contract";

/** A place, as fractions of width and height, and the colour that it is to have. */
export interface Pin {
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
}

/** A pin in a pixel: its place is the pixel's middle. */
export interface PinnedPixel extends Pin {
  /** CIE L* of the pixel. */
  readonly lightness: number;
}

/** Width of a correction as a share of the longer side: half a cell of the network's usual grid. */
const WIDTH = 1 / 128;
/** How many widths a correction reaches. */
const REACH = 3;
/** Corrections of neighbouring pins overlap; they are fitted in turns. */
const SWEEPS = 5;
/** A wide hint is told to the network as this many places at most, and all hints together as about so many. */
const MOST_PLACES = 24;
const MOST_IN_ALL = 2400;

/** The places of hints on the network's grid: the cells that a disc covers, and its middle. */
export function hintPins(hints: readonly Hint[], grid: Size): Pin[] {
  const most = Math.max(1, Math.min(MOST_PLACES, Math.floor(MOST_IN_ALL / Math.max(1, hints.length))));
  return hints.flatMap((hint) => {
    const [, a, b] = hint.color === null ? [0, 0, 0] : hexToLab(hint.color);
    const covered = coveredCells(hint, grid);
    const step = Math.max(1, Math.ceil(covered.length / most));
    const places = covered.filter((_, i) => i % step === 0);
    return [...places, hint].map(({ x, y }) => ({ x: Math.fround(x), y: Math.fround(y), a, b }));
  });
}

/** Of pins in one pixel the last holds; the others go. */
export function lastOfEachPixel(pixels: readonly PinnedPixel[]): PinnedPixel[] {
  const last = new Map<string, PinnedPixel>();
  for (const pixel of pixels) {
    const key = `${pixel.x} ${pixel.y}`;
    last.delete(key);
    last.set(key, pixel);
  }
  return [...last.values()];
}

/** How far around a place its correction reaches, in cells of a level. */
export function pinReach(level: Size): number {
  return REACH * pinWidth(level);
}

/**
 * Correct a field so that pixels get their pins' colours.
 *
 * Of close pins the later is the more exact. The field given stays as it is.
 */
export function pinned(field: ColorField, pixels: readonly PinnedPixel[]): ColorField {
  const colors = { ...field, a: field.a.slice(), b: field.b.slice() };
  const corrections = pixels.map((pixel) => correctionFor(field, pixel));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const correction of corrections) {
      correct(colors, correction);
    }
  }
  return colors;
}

/** One pixel's pin: the four cells and weights of which its colour is made, and where its correction goes. */
interface Correction {
  readonly a: number;
  readonly b: number;
  readonly cells: readonly number[];
  readonly weights: readonly number[];
  readonly window: Window;
  readonly spread: Float32Array;
}

/** Held rows and columns of a field, the last ones not included. */
interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

function correctionFor(field: ColorField, pixel: PinnedPixel): Correction {
  const { cells, weights } = blendWeights(field, pixel);
  const like = field.lightness[cells[weights.indexOf(Math.max(...weights))] as number] as number;
  const width = pinWidth({ width: field.across.cells, height: field.down.cells });
  const row = pixel.y * field.down.cells - 0.5 - field.down.first;
  const column = pixel.x * field.across.cells - 0.5 - field.across.first;
  const window = around(field, row, column, REACH * width);
  const { top, left, right } = window;
  const down = bell(top, window.bottom, row, width);
  const across = bell(left, right, column, width);
  const closeness = (cell: number) => {
    const unlike = ((field.lightness[cell] as number) - like) / RANGE;
    const y = Math.floor(cell / field.across.held) - top;
    const x = (cell % field.across.held) - left;
    return ((down[y] as number) * (across[x] as number)) / (1 + unlike * unlike);
  };
  const atPixel = cells.reduce((sum, cell, i) => sum + closeness(cell) * (weights[i] as number), 0);
  const spread = new Float32Array(down.length * across.length);
  for (let i = 0; i < spread.length; i++) {
    const cell = (top + Math.floor(i / across.length)) * field.across.held + left + (i % across.length);
    // Brought to 1 at the pixel, but nowhere above: the cells beside a mixed one must not be overdone.
    spread[i] = Math.min(closeness(cell) / atPixel, 1);
  }
  return { a: pixel.a, b: pixel.b, cells, weights, window, spread };
}

/** A Gaussian of the distance from a place, for the cells from one to before another. */
function bell(first: number, end: number, middle: number, width: number): Float64Array {
  return Float64Array.from({ length: end - first }, (_, i) =>
    Math.exp(-((first + i - middle) ** 2) / (2 * width ** 2)),
  );
}

/** The cells of which `blendRow` makes one pixel's colour, and their weights, which sum to 1. */
function blendWeights(field: ColorField, { x, y, lightness }: PinnedPixel): { cells: number[]; weights: number[] } {
  const down = tapsBetween(1, y, 0, field.down);
  const across = tapsBetween(1, x, 0, field.across);
  const low = down.share[0] as number;
  const far = across.share[0] as number;
  const cells = [down.first[0] as number, down.second[0] as number].flatMap((row) =>
    [across.first[0] as number, across.second[0] as number].map((column) => row * field.across.held + column),
  );
  const near = [(1 - low) * (1 - far), (1 - low) * far, low * (1 - far), low * far];
  const raw = cells.map((cell, i) => {
    const unlike = (field.lightness[cell] as number) - lightness;
    return (near[i] as number) / (RANGE * RANGE + unlike * unlike);
  });
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return { cells, weights: raw.map((weight) => weight / total) };
}

function correct(field: ColorField, { a, b, cells, weights, window, spread }: Correction): void {
  let missingA = a;
  let missingB = b;
  cells.forEach((cell, i) => {
    missingA -= (field.a[cell] as number) * (weights[i] as number);
    missingB -= (field.b[cell] as number) * (weights[i] as number);
  });
  let i = 0;
  for (let row = window.top; row < window.bottom; row++) {
    for (let column = window.left; column < window.right; column++) {
      const cell = row * field.across.held + column;
      const share = spread[i++] as number;
      field.a[cell] = (field.a[cell] as number) + missingA * share;
      field.b[cell] = (field.b[cell] as number) + missingB * share;
    }
  }
}

function pinWidth(level: Size): number {
  return Math.max(1, Math.max(level.width, level.height) * WIDTH);
}

function around({ down, across }: ColorField, row: number, column: number, reach: number): Window {
  const span = (middle: number, { held }: Axis) => [
    Math.max(0, Math.floor(middle - reach)),
    Math.min(held, Math.ceil(middle + reach) + 1),
  ];
  const [top, bottom] = span(row, down) as [number, number];
  const [left, right] = span(column, across) as [number, number];
  return { top, bottom, left, right };
}

/** The middles of the cells that lie in a hint's disc, row by row. */
function coveredCells({ x, y, radius }: Hint, { width, height }: Size): { x: number; y: number }[] {
  const reach = radius * Math.max(width, height);
  const middles: { x: number; y: number }[] = [];
  const [middleX, middleY] = [x * width, y * height];
  for (let row = Math.max(0, Math.floor(middleY - reach)); row < Math.min(height, Math.ceil(middleY + reach)); row++) {
    const left = Math.max(0, Math.floor(middleX - reach));
    for (let column = left; column < Math.min(width, Math.ceil(middleX + reach)); column++) {
      if (Math.hypot(row + 0.5 - middleY, column + 0.5 - middleX) <= reach) {
        middles.push({ x: (column + 0.5) / width, y: (row + 0.5) / height });
      }
    }
  }
  return middles;
}
