// Generator in a worker, so that the page never waits for an image.

import { ApiError } from "../errors.js";

export class Generator {
  #worker = null;
  #requests = new Map(); // id to {resolve, reject}
  #count = 0;

  /** Load the generator, unless it is loaded. */
  start() {
    if (this.#worker) return;
    this.#worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data: { id, image, error } }) => {
      const { resolve, reject } = this.#requests.get(id);
      this.#requests.delete(id);
      if (error) reject(new ApiError(error, 422));
      else resolve(image);
    });
    this.#worker.addEventListener("error", () => {
      for (const { reject } of this.#requests.values()) reject(new ApiError("The generator stopped: reload the page.", 422));
      this.#requests.clear();
      this.#worker.terminate();
      this.#worker = null; // the next image loads it again
    });
  }

  /** Generate an image, RGB bytes row by row, from {mask, attributes, latent}. */
  generate(inputs) {
    this.start();
    return new Promise((resolve, reject) => {
      this.#requests.set(++this.#count, { resolve, reject });
      this.#worker.postMessage({ id: this.#count, ...inputs });
    });
  }
}
