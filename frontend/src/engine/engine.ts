/** What the page asks of whatever colours photographs: a service, or a network in the browser itself. */

import type { ColorGrid, Decode, GrayPicture, Hint, Plane, Rectangle, Size } from "../render/contract";

/** The palette of another picture: shares of the 313 colour bins, and mean HSV saturation. */
export interface Palette {
  readonly histogram: readonly number[] | null;
  readonly saturation: number | null;
}

/** What a person tells the network. */
export interface Guidance {
  readonly hints: readonly Hint[];
  readonly reference: Palette | null;
}

/** All that a result is made of, beside the photograph. */
export interface Decisions extends Guidance {
  readonly decode: Decode;
  readonly saturation: number;
  readonly temperature: number;
}

/** A place as fractions of width and height. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Suggestion {
  readonly color: string;
  readonly ab: readonly [number, number];
  readonly probability: number;
}

export type PictureFormat = "png" | "jpeg" | "webp" | "avif" | "tiff";

export interface Limits {
  readonly bytes: number;
  readonly pixels: number;
  readonly hints: number;
}

/** How pictures are saved. */
export interface Writing {
  readonly formats: readonly PictureFormat[];
  /** Whether 16 bits, and the metadata that came with the photograph, stay. */
  readonly complete: boolean;
}

/** A session file's content: known keys checked, unknown ones kept. */
export type SessionContent = Readonly<Record<string, unknown>> & {
  readonly photochrom: number;
  readonly image?: { readonly sha256?: string | null } | null;
  readonly hints?: readonly Hint[] | null;
  readonly reference?: Palette | null;
  readonly settings?: { readonly decode?: Decode; readonly saturation?: number; readonly temperature?: number } | null;
};

/** The request cannot be granted as it is; the message says why, for people. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** How whatever colours photographs can be reached; "busy" for longer than a person waits without a word. */
export type Presence = "here" | "busy" | "away";

export interface Engine {
  /** The computer that photographs are sent to; without it, they stay on this one. */
  readonly host?: string;
  readonly writing: Writing;
  /** What it takes. */
  limits(signal?: AbortSignal): Promise<Limits>;
  /** Take in a photograph. Throws a `Refusal` where it cannot be read. */
  open(file: Blob, signal?: AbortSignal): Promise<Opened>;
  /** The palette of a picture. */
  reference(file: Blob, signal?: AbortSignal): Promise<Palette>;
  /** A session file's content as this version writes it. Throws a `Refusal` where it cannot be used. */
  checkSession(content: unknown, signal?: AbortSignal): Promise<SessionContent>;
  /** The photograph that the page was started with, if any. */
  opening(): Promise<File | null>;
}

/** A photograph taken in. All answers are for the guidance that comes with the question. */
export interface Opened {
  readonly size: Size;
  /** Of the file. */
  readonly sha256: string;
  /** A part of the photograph reduced by area to a size, at most that of the part and 4096 a side. */
  gray(part: Rectangle, size: Size, signal?: AbortSignal): Promise<GrayPicture>;
  colors(guidance: Guidance, signal?: AbortSignal): Promise<ColorGrid>;
  suggestions(guidance: Guidance, place: Place, count: number, signal?: AbortSignal): Promise<readonly Suggestion[]>;
  /** How open the colours are, 0 to 1. */
  uncertainty(guidance: Guidance, signal?: AbortSignal): Promise<Plane>;
  /** Where one more hint should help most. */
  nextHint(guidance: Guidance, signal?: AbortSignal): Promise<Place>;
  /** The hints of different colourings; the first is that of the given hints alone, the others go on from them. */
  variants(
    guidance: Guidance,
    asked: { readonly count: number; readonly seed: number; readonly decode: Decode },
    signal?: AbortSignal,
  ): Promise<readonly (readonly Hint[])[]>;
  /** The session file of these decisions, with further keys. */
  session(
    decisions: Decisions,
    extra: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<SessionContent>;
  /** The picture at full size, or with `layer` its colours alone, as a file. */
  exportPicture(
    session: SessionContent,
    asked: { readonly format: PictureFormat; readonly layer: boolean },
    signal?: AbortSignal,
  ): Promise<Blob>;
  /** Forget the photograph. */
  close(): void;
}
