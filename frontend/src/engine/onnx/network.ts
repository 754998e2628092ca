/** The embedded network on ONNX Runtime in WebAssembly, in three parts: by photograph, by reference, and by edit. */

import runtimeModule from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import runtimeBinary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import { files, temperature } from "../../../../src/photochrom/models/data/compact.json";
import automaticFile from "../../../../src/photochrom/models/data/compact-automatic.onnx?url";
import encoderFile from "../../../../src/photochrom/models/data/compact-encoder.onnx?url";
import hintsFile from "../../../../src/photochrom/models/data/compact-hints.onnx?url";
import type { ColorGrid, Plane, Size } from "../../render/contract";
import { type Guidance, Refusal } from "../engine";
import type { Logits } from "./distribution";
import { type Feed, hintFeeds, referenceFeeds } from "./feeds";
import type { Model } from "./session";
import { sha256 } from "./sha256";

/** More threads than this gain next to nothing with so small a network. */
const MOST_THREADS = 4;

type Tensors = Readonly<Record<string, ort.Tensor>>;

/** What the network knows of a photograph. */
export interface Encoded {
  readonly features: Tensors;
  /** The colours before hints that were made last, and the reference for which, as text. */
  automatic?: { readonly reference: string; readonly tensors: Tensors };
}

export interface Prediction {
  readonly grid: ColorGrid;
  readonly logits: Logits;
  /** How far hints decide, 0 to 1, for each cell. */
  readonly reach: Float32Array;
}

export class Network {
  readonly model: Model;
  readonly #encoder: ort.InferenceSession;
  readonly #automatic: ort.InferenceSession;
  readonly #hints: ort.InferenceSession;

  private constructor(
    model: Model,
    parts: readonly [ort.InferenceSession, ort.InferenceSession, ort.InferenceSession],
  ) {
    this.model = model;
    [this.#encoder, this.#automatic, this.#hints] = parts;
  }

  /** Fetch and start the network. Throws a `Refusal` where it is damaged or the browser cannot run it. */
  static async open(): Promise<Network> {
    ort.env.wasm.wasmPaths = { mjs: runtimeModule, wasm: runtimeBinary };
    ort.env.wasm.numThreads = threads();
    const [encoder, automatic, hints] = await Promise.all([
      fetched(encoderFile, files.encoder.sha256),
      fetched(automaticFile, files.automatic.sha256),
      fetched(hintsFile, files.hints.sha256),
    ]);
    const model = { name: "compact", sha256: await sha256(new Blob([encoder, automatic, hints])) };
    return new Network(model, [await started(encoder), await started(automatic), await started(hints)]);
  }

  /** Features of a photograph's lightness, both sides multiples of 32. */
  async encode({ width, height, values }: Plane): Promise<Encoded> {
    return { features: await this.#encoder.run({ L: new ort.Tensor("float32", values, [1, 1, height, width]) }) };
  }

  /** Colours at a quarter of the size of what was encoded. With the reference of the call before, the hints are all. */
  async decode(encoded: Encoded, { hints, reference }: Guidance): Promise<Prediction> {
    const automatic = await this.#colorsBeforeHints(encoded, reference);
    const [, , height = 0, width = 0] = automatic.automatic_accurate?.dims ?? [];
    const size = { width, height };
    if (hints.length === 0) {
      return predictionOf(automatic, "automatic_", size);
    }
    return predictionOf(await this.#hints.run({ ...automatic, ...tensors(hintFeeds(hints, size)) }), "", size);
  }

  async #colorsBeforeHints(encoded: Encoded, given: Guidance["reference"]): Promise<Tensors> {
    const reference = JSON.stringify(given);
    if (encoded.automatic?.reference !== reference) {
      const told = { ...tensors(referenceFeeds(given)), temperature: tensor(TEMPERATURE) };
      encoded.automatic = { reference, tensors: await this.#automatic.run({ ...encoded.features, ...told }) };
    }
    return encoded.automatic.tensors;
  }
}

function predictionOf(found: Tensors, prefix: string, { width, height }: Size): Prediction {
  const cells = width * height;
  const values = (name: string) => (found[prefix + name]?.data ?? new Float32Array(cells)) as Float32Array;
  const plane = (name: string, index: number) => values(name).slice(index * cells, (index + 1) * cells);
  return {
    grid: {
      width,
      height,
      accurateA: plane("accurate", 0),
      accurateB: plane("accurate", 1),
      vividA: plane("vivid", 0),
      vividB: plane("vivid", 1),
    },
    logits: { width, height, values: values("logits") },
    // What is not there is zero: without hints nothing reaches anywhere.
    reach: values("reach"),
  };
}

const TEMPERATURE: Feed = { data: Float32Array.of(temperature), dims: [] };

function tensor({ data, dims }: Feed): ort.Tensor {
  return new ort.Tensor("float32", data, dims);
}

function tensors(feeds: Readonly<Record<string, Feed>>): Tensors {
  return Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensor(feed)]));
}

/** Threads share memory, which browsers allow to isolated pages only. */
function threads(): number {
  return self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
}

async function fetched(address: string, expected: string): Promise<ArrayBuffer> {
  const response = await fetch(address);
  const content = await response.arrayBuffer();
  if (!response.ok || (await sha256(new Blob([content]))) !== expected) {
    throw new Refusal("the network did not arrive whole: reload the page");
  }
  return content;
}

async function started(content: ArrayBuffer): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(content, {
      executionProviders: ["wasm"],
      // Threads that wait in a loop take the time of those that paint.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  } catch (error) {
    throw new Refusal(`this browser cannot run the network (${error}): use a newer one, or close other tabs`);
  }
}
