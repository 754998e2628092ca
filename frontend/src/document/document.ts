/** What a person has decided about a photograph: data that never changes, and the edits that make new data of it. */

import type { Decisions, Palette } from "../engine/engine";
import type { Decode, Hint } from "../render/contract";
import type { History } from "./history";

/** A point, or a stroke: a row of hints of one colour, made and undone as one. */
export interface Mark {
  readonly id: number;
  readonly hints: readonly Hint[];
}

/** The palette of another picture, and what the page calls it. */
export interface NamedPalette extends Palette {
  readonly name: string;
}

export interface Document {
  readonly marks: readonly Mark[];
  readonly reference: NamedPalette | null;
  readonly decode: Decode;
  /** Factor of chroma after the network. */
  readonly saturation: number;
  /** Added to b after that, in Lab units. */
  readonly temperature: number;
  /** Keys of an opened session file that this page does not know; they go into the next one. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export const LARGEST_SATURATION = 2;
export const LARGEST_TEMPERATURE = 30;
export const SMALLEST_RADIUS = 0.002;
export const LARGEST_RADIUS = 0.1;

export const EMPTY: Document = {
  marks: [],
  reference: null,
  decode: "vivid",
  saturation: 1,
  temperature: 0,
  extra: {},
};

export function hintsOf(marks: readonly Mark[]): readonly Hint[] {
  return marks.flatMap(({ hints }) => hints);
}

export function decisionsOf({ marks, reference, decode, saturation, temperature }: Document): Decisions {
  return { hints: hintsOf(marks), reference, decode, saturation, temperature };
}

export function findMark({ marks }: Document, id: number | null): Mark | undefined {
  return marks.find((mark) => mark.id === id);
}

/** Where a mark's marker stands: a stroke's is in its middle. */
export function anchorOf({ hints }: Mark): Hint {
  const anchor = hints[Math.floor(hints.length / 2)];
  if (!anchor) {
    throw new RangeError("a mark without hints");
  }
  return anchor;
}

/**
 * Add a mark.
 *
 * @param id - One that no mark has or had: what comes late for a mark finds it by its id, in all documents of a history.
 */
export function addMark(document: Document, id: number, hints: readonly Hint[]): Document {
  return { ...document, marks: [...document.marks, { id, hints }] };
}

/** The largest id of a history's marks, past and to come; 0 where there is none. */
export function largestId({ past, present, future }: History<Document>): number {
  const documents = [...past.map(({ value }) => value), present, ...future.map(({ value }) => value)];
  return documents.reduce((largest, { marks }) => marks.reduce((most, { id }) => Math.max(most, id), largest), 0);
}

export function removeMark(document: Document, id: number): Document {
  return { ...document, marks: document.marks.filter((mark) => mark.id !== id) };
}

export function colorMark(document: Document, id: number, color: string | null): Document {
  return changeHints(document, id, (hint) => ({ ...hint, color }));
}

export function resizeMark(document: Document, id: number, radius: number): Document {
  const held = Math.min(Math.max(radius, SMALLEST_RADIUS), LARGEST_RADIUS);
  return changeHints(document, id, (hint) => ({ ...hint, radius: held }));
}

/** Move a mark as one, no further than the photograph's border. */
export function moveMark(document: Document, id: number, dx: number, dy: number): Document {
  const hints = findMark(document, id)?.hints ?? [];
  const right = withinBorder(
    dx,
    hints.map(({ x }) => x),
  );
  const down = withinBorder(
    dy,
    hints.map(({ y }) => y),
  );
  return changeHints(document, id, (hint) => ({ ...hint, x: hint.x + right, y: hint.y + down }));
}

function changeHints(document: Document, id: number, change: (hint: Hint) => Hint): Document {
  const marks = document.marks.map((mark) => (mark.id === id ? { ...mark, hints: mark.hints.map(change) } : mark));
  return { ...document, marks };
}

function withinBorder(shift: number, fractions: readonly number[]): number {
  return Math.min(Math.max(shift, -Math.min(...fractions)), 1 - Math.max(...fractions));
}
