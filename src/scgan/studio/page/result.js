// The picture that follows: whenever what decides it changes, the newest state is asked for.

import { postForBlob } from "./api.js";
import { byId, readable } from "./dom.js";
import { latestOnly } from "./latest.js";
import { drawMask, toBase64 } from "./masks.js";
import { clearWarning, onReturn, tell } from "./notices.js";

/** A state as the server knows it. */
export function condition({ mask, landmarks, painted, attributes, latent }) {
  return { segmentation: toBase64(mask), attributes, latent, landmarks: painted ? null : landmarks };
}

export function latentText(latent) {
  if ("seed" in latent) return `seed ${latent.seed}`;
  return `seeds ${latent.seed_a} and ${latent.seed_b}, ${Math.round(100 * latent.t)} %`;
}

/** Whether two states give the same picture. */
export const sameInputs = (one, other) => ["mask", "attributes", "latent"].every((key) => one[key] === other[key]);

export function drawBitmap(canvas, bitmap) {
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

export class Result extends EventTarget {
  #store;
  #model;
  #asked = {};
  #stand_in = false; // something else is shown: a film
  #ask = latestOnly(async (state) => {
    const start = performance.now();
    const { model } = this;
    const blob = await postForBlob(`models/${model.id}/picture`, { ...condition(state), landmarks: null });
    const bitmap = await createImageBitmap(blob);
    if (model === this.#model) this.#take(state, blob, bitmap, performance.now() - start);
  });

  constructor(store) {
    super();
    this.#store = store;
    store.addEventListener("change", () => this.#follow());
    onReturn(() => this.refresh());
    byId("overlay-amount").addEventListener("input", () => this.#showOverlay());
  }

  get model() {
    return this.#model;
  }

  /** The last picture: {state, blob, bitmap}. */
  shown = null;

  open(model) {
    this.#model = model;
    this.#asked = {};
    this.shown = null;
  }

  refresh() {
    this.#asked = {};
    if (this.#model) this.#follow();
  }

  /** Show another picture and mask for now; null goes back to the person's own. */
  standIn(frame) {
    this.#stand_in = frame !== null;
    if (frame) this.#draw(frame.bitmap, frame.mask);
    else if (this.shown) this.#draw(this.shown.bitmap, this.shown.state.mask);
  }

  async #follow() {
    if (sameInputs(this.#asked, this.#store.present)) return this.#settle();
    this.#asked = this.#store.present;
    const pane = document.querySelector(".picture-pane");
    const slow = setTimeout(() => pane.setAttribute("aria-busy", "true"), 300);
    try {
      await this.#ask(this.#store.present);
    } catch (error) {
      this.#asked = {}; // so that the next change, or the server's return, asks again
      tell(error);
    }
    clearTimeout(slow);
    pane.removeAttribute("aria-busy");
  }

  #take(state, blob, bitmap, time) {
    this.shown = { state, blob, bitmap };
    clearWarning();
    byId("waiting").hidden = true;
    if (!this.#stand_in) this.#draw(bitmap, state.mask);
    const size = this.#model.model_schema.image_size;
    byId("picture-facts").textContent = `${size} × ${size}, ${Math.round(time)} ms`;
    this.#describe(state);
    this.dispatchEvent(new Event("picture"));
    this.#settle();
  }

  /** Say when the picture is that of a finished step. */
  #settle() {
    const { present, settled } = this.#store;
    const shown = this.shown?.state;
    if (!settled || present.undrawn || !shown) return;
    if (sameInputs(shown, present)) this.dispatchEvent(new Event("settled"));
  }

  #draw(bitmap, mask) {
    drawBitmap(byId("picture"), bitmap);
    drawMask(byId("overlay"), mask, this.#model.model_schema);
  }

  #describe({ attributes, latent }) {
    const set = Object.entries(attributes).filter(([, share]) => share > 0);
    const names = set.map(([name, share]) => readable(name) + (share < 1 ? ` ${Math.round(100 * share)} %` : ""));
    const words = `The picture made from the mask, ${names.join(", ") || "no attribute set"}; ${latentText(latent)}`;
    byId("picture").setAttribute("aria-label", words);
  }

  #showOverlay() {
    byId("overlay").style.opacity = byId("overlay-amount").value / 100;
  }
}
