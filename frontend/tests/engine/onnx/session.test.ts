import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/engine/engine";
import { readSession, writeSession } from "../../../src/engine/onnx/session";
import { GOLDEN } from "./golden";

const PHOTOGRAPH = { width: 30, height: 20, sha256: "ab" };
const MODEL = { name: "compact", sha256: "cd" };

describe("a session file", () => {
  it.each(GOLDEN.sessions)("is read as Python reads it ($#)", ({ content, read }) => {
    expect(readSession(content)).toEqual(read);
  });

  it.each(GOLDEN.wrongSessions.map((content) => ({ content })))("is refused as by Python ($#)", ({ content }) => {
    expect(() => readSession(content)).toThrow(Refusal);
  });

  it("holds all decisions and keeps unknown keys", () => {
    const decisions = {
      hints: [{ x: 0.1, y: 0.2, color: "#aabbcc", radius: 0.05 }],
      reference: { histogram: null, saturation: 0.5 },
      decode: "accurate",
      saturation: 1.5,
      temperature: -4,
    } as const;
    const written = writeSession(decisions, { strokes: [[0, 2]], settings: { more: 1 } }, PHOTOGRAPH, MODEL);
    expect(written).toEqual({
      photochrom: 1,
      image: { sha256: "ab", width: 30, height: 20 },
      model: MODEL,
      hints: decisions.hints,
      reference: decisions.reference,
      settings: { decode: "accurate", saturation: 1.5, temperature: -4, more: 1 },
      strokes: [[0, 2]],
    });
    expect(readSession(written)).toEqual(written);
  });
});
