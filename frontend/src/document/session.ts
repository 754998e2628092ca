/** Documents as session files, which the command line replays, and back. */

import type { SessionContent } from "../engine/engine";
import type { Hint } from "../render/contract";
import type { Document, Mark } from "./document";

/** Keys of the file that have a place of their own in a document. */
const KNOWN = new Set(["photochrom", "image", "model", "hints", "reference", "settings", "strokes", "referenceName"]);

/** The keys that a session file gets beside its own: which rows of hints are strokes, and what is unknown here. */
export function sessionExtra({ marks, reference, extra }: Document): Readonly<Record<string, unknown>> {
  const strokes = rowsOf(marks).filter(([, count]) => count > 1);
  return {
    ...extra,
    ...(strokes.length > 0 && { strokes }),
    ...(reference && { referenceName: reference.name }),
  };
}

/**
 * A document from a session file.
 *
 * @param content - As `Engine.checkSession` gives it.
 */
export function documentOf(content: SessionContent): Document {
  const { decode = "vivid", saturation = 1, temperature = 0, ...settings } = content.settings ?? {};
  const { histogram = null, saturation: vividness = null } = content.reference ?? {};
  const name = typeof content.referenceName === "string" ? content.referenceName : "from the session";
  const unknown = Object.entries(content).filter(([key]) => !KNOWN.has(key));
  const further = Object.keys(settings).length > 0 ? { settings } : {};
  return {
    marks: marksOf(content.hints ?? [], content.strokes),
    reference: histogram || vividness !== null ? { histogram, saturation: vividness, name } : null,
    decode,
    saturation,
    temperature,
    extra: { ...Object.fromEntries(unknown), ...further },
  };
}

/**
 * Hints as marks.
 *
 * @param strokes - Pairs of a first hint and a count, as far as it is that.
 */
export function marksOf(hints: readonly Hint[], strokes: unknown): readonly Mark[] {
  const counts = new Map<number, number>(Array.isArray(strokes) ? strokes.filter(isRow) : []);
  const marks: Mark[] = [];
  for (let at = 0; at < hints.length; ) {
    const row = hints.slice(at, at + (counts.get(at) ?? 1)).map(kept);
    marks.push({ id: marks.length + 1, hints: row });
    at += row.length;
  }
  return marks;
}

function rowsOf(marks: readonly Mark[]): [number, number][] {
  let at = 0;
  return marks.map(({ hints }) => {
    at += hints.length;
    return [at - hints.length, hints.length];
  });
}

function isRow(row: unknown): row is [number, number] {
  return Array.isArray(row) && row.length === 2 && row.every(Number.isInteger) && row[0] >= 0 && row[1] > 0;
}

function kept({ x, y, color, radius }: Hint): Hint {
  return { x, y, color, radius };
}
