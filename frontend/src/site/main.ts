/** The studio without a server: its files are fetched once, then it opens. */

import { OnnxEngine } from "../engine/onnx/onnx";
import { openPage } from "../page";
import { install } from "./install";
import { createPreparation } from "./preparation";

async function start(): Promise<void> {
  const preparation = createPreparation();
  document.body.append(preparation.element);
  if (!isSecureContext) {
    preparation.refuse(
      "This page must come by https, or from this computer: browsers allow what it needs to no other.",
    );
    return;
  }
  const reloads = await install(preparation.show);
  if (!reloads) {
    preparation.element.remove();
    openPage(() => new OnnxEngine());
  }
}

void start();
