// Runs the embedded network on onnxruntime-web's WASM backend.
// node run.mjs MODEL_FOLDER < feeds.json > outputs.json; tensors are {dims, data}.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;
const folder = process.argv[2];
const given = JSON.parse(readFileSync(0, "utf8"));
const feeds = Object.fromEntries(
  Object.entries(given).map(([name, { dims, data }]) => [name, new ort.Tensor("float32", Float32Array.from(data), dims)]),
);
const open = (name) => ort.InferenceSession.create(readFileSync(join(folder, name)), { executionProviders: ["wasm"] });

const { L, hint_position, hint_ab, ...reference } = feeds;
const features = await (await open("compact-encoder.onnx")).run({ L });
const automatic = await (await open("compact-automatic.onnx")).run({ ...features, ...reference });
const outputs = await (await open("compact-hints.onnx")).run({ ...automatic, hint_position, hint_ab });
const plain = Object.entries(outputs).map(([name, tensor]) => [name, { dims: tensor.dims, data: Array.from(tensor.data) }]);
process.stdout.write(JSON.stringify(Object.fromEntries(plain)));
