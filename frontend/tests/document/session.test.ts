import { expect, test } from "vitest";
import { addMark, type Document, decisionsOf, EMPTY, hintsOf } from "../../src/document/document";
import { documentOf, marksOf, sessionExtra } from "../../src/document/session";
import type { Hint } from "../../src/render/contract";

const at = (x: number): Hint => ({ x, y: 0.5, color: "#b5651d", radius: 0.01 });
const HISTOGRAM = Array.from({ length: 313 }, () => 1 / 313);

/** What the service writes: its own keys, and the further ones as they are. */
function written(document: Document) {
  const { hints, reference, decode, saturation, temperature } = decisionsOf(document);
  const palette = reference && { histogram: reference.histogram, saturation: reference.saturation };
  const settings = { decode, saturation, temperature };
  return { ...sessionExtra(document), photochrom: 1, hints, reference: palette, settings };
}

test("points and strokes, reference and settings come back from the file", () => {
  const marked = addMark(addMark(addMark(EMPTY, 1, [at(0.1)]), 2, [at(0.2), at(0.3)]), 3, [at(0.4)]);
  const document: Document = {
    ...marked,
    reference: { histogram: HISTOGRAM, saturation: 0.4, name: "autumn.jpg" },
    decode: "accurate",
    saturation: 1.2,
    temperature: -3,
  };
  expect(documentOf(JSON.parse(JSON.stringify(written(document))))).toEqual(document);
});

test("keys that the page does not know are kept for the next file", () => {
  const document = documentOf({ photochrom: 1, archive: { box: 7 }, settings: { decode: "vivid", grain: 2 } as never });
  expect(sessionExtra(document)).toEqual({ archive: { box: 7 }, settings: { grain: 2 } });
});

test("a file of the command line, without strokes, is points alone", () => {
  expect(marksOf([at(0.1), at(0.2)], undefined).map(({ hints }) => hints.length)).toEqual([1, 1]);
});

test("a reference without any number is none", () => {
  expect(documentOf({ photochrom: 1, reference: { histogram: null, saturation: null } }).reference).toBeNull();
});

test.each([
  ["nonsense", "all"],
  ["rows of the wrong kind", [["0", "2"], [0], null, [0.5, 2], [-1, 2], [0, 0]]],
  ["more than there is", [[1, 99]]],
  [
    "rows that overlap",
    [
      [0, 2],
      [1, 2],
    ],
  ],
])("no hint is lost or doubled by %s about strokes", (_, strokes) => {
  const hints = [at(0.1), at(0.2), at(0.3)];
  expect(hintsOf(marksOf(hints, strokes))).toEqual(hints);
});
