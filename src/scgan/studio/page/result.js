// Generated image. It follows the state: whenever an input changes, the newest state is requested.

import { generateImage } from "./api.js";
import { byId, readable } from "./dom.js";
import { latestOnly } from "./latest.js";
import { drawMask, toBase64 } from "./masks.js";
import { clearWarning, onReconnect, showError } from "./notices.js";
import { drawPhoto } from "./photo-drawing.js";

const BUSY_DELAY = 300; // milliseconds until a slow request is shown

/** Image specification of a state, as the API takes it. */
export function imageSpec({ mask, landmarks, painted, attributes, latent }) {
  return { segmentation: toBase64(mask), attributes, latent, landmarks: painted ? null : landmarks };
}

export function latentText(latent) {
  if ("seed" in latent) return `seed ${latent.seed}`;
  return `seeds ${latent.seed_a} and ${latent.seed_b}, ${Math.round(100 * latent.t)} %`;
}

/** True if two states give the same image. */
export const hasSameInputs = (a, b) => ["mask", "attributes", "latent"].every((key) => a[key] === b[key]);

/** Draw a bitmap on a canvas, which gets its size, or that of another one. */
export function drawBitmap(canvas, bitmap, { width, height } = bitmap) {
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
}

/** Fires "image" for every new image, and "committed" when the image of a committed state is shown. */
export class Result extends EventTarget {
  #studio;
  #requested = {};
  #requestedVersion = "";
  #isFrameShown = false;
  #request = latestOnly(async (state) => {
    const startTime = performance.now();
    const { model, photos } = this.#studio;
    const inverted = photos.of(state);
    const isInPhoto = inverted && photos.isInPhoto;
    const spec = imageSpec(state);
    const blob = await (inverted ? photos.edit(inverted, spec) : generateImage(model, { ...spec, landmarks: null }));
    const bitmap = await createImageBitmap(blob);
    if (model === this.#studio.model) this.#show({ state, blob, bitmap, isInPhoto }, performance.now() - startTime);
  });

  /** Last image: {state, blob, bitmap}. */
  current = null;

  constructor(studio) {
    super();
    this.#studio = studio;
    studio.store.addEventListener("change", () => this.#update());
    studio.onModel(() => {
      this.#requested = {};
      this.current = null;
    });
    onReconnect(() => this.refresh());
    studio.photos.addEventListener("change", () => this.#update());
  }

  /** Request the image again. */
  refresh() {
    this.#requested = {};
    if (this.#studio.store.present) this.#update();
  }

  /** Show a frame of an animation, {bitmap, mask}; null shows the current image again. */
  showFrame(frame) {
    this.#isFrameShown = frame !== null;
    if (frame) this.#draw(frame.bitmap, frame.mask);
    else if (this.current) this.#drawCurrent();
  }

  async #update() {
    const { present } = this.#studio.store;
    if (this.#studio.photos.isReading(present)) return this.#showPhoto(present);
    const version = this.#studio.photos.version(present);
    if (hasSameInputs(this.#requested, present) && version === this.#requestedVersion) return this.#notifyCommitted();
    [this.#requested, this.#requestedVersion] = [present, version];
    const pane = document.querySelector(".image-pane");
    const timer = setTimeout(() => pane.setAttribute("aria-busy", "true"), BUSY_DELAY);
    try {
      await this.#request(present);
    } catch (error) {
      this.#requested = {}; // the next change or reconnection requests it again
      showError(error);
    }
    clearTimeout(timer);
    pane.removeAttribute("aria-busy");
  }

  /** Show the photo itself where its image will be. */
  #showPhoto({ photo, mask }) {
    [this.#requested, this.current] = [{}, null];
    const canvas = byId("image");
    canvas.width = canvas.height = photo.bitmap.width;
    drawPhoto(canvas.getContext("2d"), photo, { side: canvas.width });
    canvas.setAttribute("aria-label", "Photo that is being read");
    drawMask(byId("overlay"), mask, this.#studio.schema);
    byId("image-facts").textContent = "Photo";
  }

  #show(image, milliseconds) {
    if (this.#studio.photos.isReading(this.#studio.store.present)) return; // it was requested before the photo
    this.current = image;
    clearWarning();
    byId("loading").hidden = true;
    if (!this.#isFrameShown) this.#drawCurrent();
    const { width, height } = image.bitmap;
    byId("image-facts").textContent = `${width} × ${height}, ${Math.round(milliseconds)} ms`;
    this.#describe(image.state);
    this.dispatchEvent(new Event("image"));
    this.#notifyCommitted();
  }

  #notifyCommitted() {
    const { present, isPreview } = this.#studio.store;
    if (isPreview || present.pendingFace || !this.current) return;
    if (hasSameInputs(this.current.state, present)) this.dispatchEvent(new Event("committed"));
  }

  #drawCurrent() {
    const { bitmap, state, isInPhoto } = this.current;
    this.#draw(bitmap, state.mask);
    byId("overlay").hidden = isInPhoto; // the mask is that of a part
  }

  #draw(bitmap, mask) {
    byId("overlay").hidden = false;
    drawBitmap(byId("image"), bitmap);
    drawMask(byId("overlay"), mask, this.#studio.schema);
  }

  #describe(state) {
    const { attributes, latent } = state;
    const active = Object.entries(attributes).filter(([, value]) => value > 0);
    const names = active.map(([name, value]) => readable(name) + (value < 1 ? ` ${Math.round(100 * value)} %` : ""));
    const source = this.#studio.photos.of(state) ? "Photo, edited" : "Image generated from the mask";
    const label = `${source}, ${names.join(", ") || "no attributes"}; ${latentText(latent)}`;
    byId("image").setAttribute("aria-label", label);
  }
}
