/** The engine without the studio around it, for tests to ask. */

import { OnnxEngine } from "../../../src/engine/onnx/onnx";

Object.assign(globalThis, { engine: new OnnxEngine() });
document.body.textContent = "ready";
