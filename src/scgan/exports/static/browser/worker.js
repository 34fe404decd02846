// Worker that computes images, one after the other, with ONNX Runtime Web.

import { env, InferenceSession, Tensor } from "../onnxruntime/ort.wasm.bundle.min.js";
import { ApiError } from "../errors.js";
import { download } from "./download.js";

const RUNTIME = "onnxruntime/ort-wasm-simd-threaded.wasm.gz";
const MODEL = "model/generator.onnx.gz";

async function open() {
  const [runtime, model] = await Promise.all([download(RUNTIME), download(MODEL)]);
  env.wasm.wasmBinary = runtime;
  env.wasm.numThreads = 1; // more need headers that static hosts do not send
  env.logLevel = "error";
  return InferenceSession.create(new Uint8Array(model), { executionProviders: ["wasm"] });
}

let session = open();
session.catch(() => {}); // every request reports it

async function generate({ mask, attributes, latent }) {
  const size = Math.sqrt(mask.length);
  const inputs = {
    segmentation: new Tensor("uint8", mask, [1, size, size]),
    latent: new Tensor("float32", latent, [1, latent.length]),
    attributes: new Tensor("float32", attributes, [1, attributes.length]),
  };
  return (await (await session).run(inputs)).images.data;
}

let previous = Promise.resolve();
addEventListener("message", ({ data: { id, ...inputs } }) => {
  previous = previous.then(async () => {
    try {
      postMessage({ id, image: await generate(inputs) });
    } catch (error) {
      postMessage({ id, error: error instanceof ApiError ? error.message : `The image could not be generated: ${error.message}` });
    }
  });
});
