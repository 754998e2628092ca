/** Session files, checked and written as `photochrom.session` does: the command line replays them. */

import type { Hint, Size } from "../../render/contract";
import { type Decisions, type Palette, Refusal, type SessionContent } from "../engine";

const VERSION = 1;
export const MOST_HINTS = 1000;
const BINS = 313;
const MOST_SATURATION = 100;
const MOST_TEMPERATURE = 50;
/** Shares that sum to 1 but for this stay as they are, so that a saved session brings back the very same ones. */
const ROUNDING = 1e-6;
const HEX = /^#[0-9a-f]{6}$/i;

export interface Model {
  readonly name: string;
  readonly sha256: string;
}

type Table = Readonly<Record<string, unknown>>;

/** A session whose values are all there and within their range. */
export type CheckedSession = SessionContent & {
  readonly hints: readonly Hint[];
  readonly reference: Palette;
  readonly settings: Pick<Decisions, "decode" | "saturation" | "temperature">;
};

/** The session of a person's decisions about a photograph, with further keys. */
export function writeSession(
  { decode, saturation, temperature, hints, reference }: Decisions,
  extra: Table,
  photograph: Size & { readonly sha256: string },
  model: Model,
): CheckedSession {
  const { sha256, width, height } = photograph;
  const settings = { ...tableIn(extra, "settings"), decode, saturation, temperature };
  const image = { sha256, width, height };
  return readSession({ ...extra, photochrom: VERSION, image, model, hints, reference, settings });
}

/** A session file's content, in full. Throws a `Refusal` where something of it cannot be used. */
export function readSession(content: unknown): CheckedSession {
  const session = checkVersion(content);
  const image = tableIn(session, "image");
  const model = tableIn(session, "model");
  const settings = tableIn(session, "settings");
  const hints = session.hints ?? [];
  if (!Array.isArray(hints)) {
    throw new Refusal("hints must be a list");
  }
  if (hints.length > MOST_HINTS) {
    throw new Refusal(`${hints.length} hints are too many; at most ${MOST_HINTS} are allowed`);
  }
  const { decode = "vivid", saturation = 1, temperature = 0 } = settings;
  if (decode !== "vivid" && decode !== "accurate") {
    throw new Refusal(`decode must be vivid or accurate, got ${shown(decode)}`);
  }
  return {
    ...session,
    photochrom: VERSION,
    image,
    model,
    hints: hints.map(readHint),
    reference: readReference(tableIn(session, "reference")),
    settings: {
      ...settings,
      decode,
      saturation: number("saturation", saturation, 0, MOST_SATURATION),
      temperature: number("temperature", temperature, -MOST_TEMPERATURE, MOST_TEMPERATURE),
    },
  };
}

function checkVersion(content: unknown): Table {
  if (!isTable(content) || !("photochrom" in content)) {
    throw new Refusal('not a session file: it has no "photochrom" key');
  }
  const version = content.photochrom;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    throw new Refusal(`not a session file: "photochrom" must be a version number, got ${shown(version)}`);
  }
  if (version > VERSION) {
    throw new Refusal(`written by a newer photochrom (session version ${version}); update photochrom`);
  }
  return content;
}

function readHint(entry: unknown, index: number): Hint {
  if (!isTable(entry) || !("x" in entry) || !("y" in entry)) {
    throw new Refusal(`hint ${index} must be an object with x and y, got ${shown(entry)}`);
  }
  const { color = null, radius = 0.01 } = entry;
  if (color !== null && !(typeof color === "string" && HEX.test(color))) {
    throw new Refusal(`hint ${index}: color must be "#rrggbb" or null, got ${shown(color)}`);
  }
  const fraction = (name: string, value: unknown) => number(`hint ${index}: ${name}`, value, 0, 1);
  const hint = { x: fraction("x", entry.x), y: fraction("y", entry.y), color, radius: fraction("radius", radius) };
  if (hint.radius === 0) {
    throw new Refusal(`hint ${index}: radius must be above 0`);
  }
  return hint;
}

function readReference({ histogram = null, saturation = null }: Table): Palette {
  return {
    histogram: histogram === null ? null : readHistogram(histogram),
    saturation: saturation === null ? null : number("reference.saturation", saturation, 0, 1),
  };
}

function readHistogram(histogram: unknown): readonly number[] {
  if (!Array.isArray(histogram) || histogram.length !== BINS) {
    throw new Refusal(`reference.histogram must be ${BINS} numbers`);
  }
  const shares = histogram.map((share) => number("reference.histogram", share, 0, Number.MAX_VALUE));
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total === 0 || total === Number.POSITIVE_INFINITY) {
    throw new Refusal("reference.histogram must be finite and not all 0");
  }
  return shares.map((share) => Math.fround(Math.abs(total - 1) > ROUNDING ? share / total : share));
}

function tableIn(content: Table, key: string): Table {
  const table = content[key] ?? {};
  if (!isTable(table)) {
    throw new Refusal(`${key} must be an object, got ${shown(table)}`);
  }
  return table;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function number(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new Refusal(`${name} must be a number in ${low} to ${high}, got ${shown(value)}`);
  }
  return value;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
