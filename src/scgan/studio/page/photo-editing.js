// Photos that are edited: their refinement in the background, and how they are shown.

import { editPhoto, invertPhoto, savePhoto } from "./api.js";
import { fromBase64 } from "./masks.js";
import { showError } from "./notices.js";

/** Fires "progress" for each step, and "change" when another image of the photo must be shown. */
export class PhotoEditing extends EventTarget {
  #studio;
  #inverted = new WeakMap(); // key of a photo to {model, photo, image, total, version}
  #uninverted = new WeakSet(); // keys of photos whose refinement ended before it had begun
  #abort = null;
  keepsBackground = false;
  isInPhoto = false;

  /** Refinement: {step, total, share, image, isRunning}, or null. */
  progress = null;

  constructor(studio) {
    super();
    this.#studio = studio;
    studio.onClose(() => this.stop());
    studio.store.addEventListener("change", () => {
      const { present } = studio.store;
      if (present.photo?.key !== this.#key) this.stop(); // undone, or another file was opened
    });
  }

  #key = null; // of the photo that is refined

  /** The photo that a state edits: {model, photo, image, …}; null if its image is generated as a whole. */
  of({ photo, latent }) {
    const inverted = photo?.key && this.#inverted.get(photo.key);
    return inverted && inverted.model === this.#studio.model && photo.latent === latent ? inverted : null;
  }

  /** True while a state shows a photo that is still being read: an image of its mask would be another person. */
  isReading({ photo, latent }) {
    if (!photo?.key || photo.latent !== latent || !this.#studio.model.can_invert) return false;
    return !this.#inverted.has(photo.key) && !this.#uninverted.has(photo.key);
  }

  /** Refine the photo of the present state in the background. */
  async start() {
    this.stop();
    const { model, store } = this.#studio;
    const { photo } = store.present;
    const abort = new AbortController();
    [this.#abort, this.#key] = [abort, photo.key];
    this.#report({ step: 0, total: 1, share: 1, image: null, isRunning: true });
    try {
      for await (const line of invertPhoto(model, photo.file, photo.crop, abort.signal)) {
        if (abort !== this.#abort) return;
        if (line.photo) this.#begin(model, photo, line);
        else this.#report({ ...this.progress, ...line, image: line.image ?? this.progress.image });
      }
    } catch (error) {
      if (!abort.signal.aborted) showError(error);
    }
    if (abort === this.#abort) this.#finish();
  }

  #begin(model, photo, { photo: id, image, segmentation, landmarks, attributes, total }) {
    const { store } = this.#studio;
    this.#inverted.set(photo.key, { model, photo: id, image, file: photo.file, version: 0 });
    this.#report({ ...this.progress, total });
    const { present } = store;
    const isUnchanged = present.photo?.key === photo.key && !Object.keys(present.attributes).length;
    if (isUnchanged) store.amend({ attributes });
    // The mask that the refinement took: one that was segmented may differ by some pixels.
    if (!landmarks && present.mask === photo.mask) store.amend({ mask: fromBase64(segmentation) });
    this.dispatchEvent(new Event("change"));
  }

  /** Stop the refinement; edits use what was reached. */
  stop() {
    this.#abort?.abort();
    if (this.#abort) this.#finish();
  }

  #finish() {
    const inverted = this.#inverted.get(this.#key);
    if (inverted) inverted.version++; // edits look different now
    else if (this.#key) this.#uninverted.add(this.#key);
    [this.#abort, this.#key] = [null, null];
    this.#report({ ...this.progress, isRunning: false });
    this.dispatchEvent(new Event("change"));
  }

  #report(progress) {
    this.progress = progress;
    this.dispatchEvent(new Event("progress"));
  }

  /** Change how photos are shown: { keepsBackground } or { isInPhoto }. */
  set(options) {
    Object.assign(this, options);
    this.dispatchEvent(new Event("change"));
  }

  /** Generate the edited photo of a state. `spec` is its image specification. */
  edit(inverted, spec) {
    const { segmentation, landmarks, attributes } = spec;
    const options = { keep_background: this.keepsBackground, into_photo: this.isInPhoto };
    return editPhoto(inverted.model, inverted.photo, { segmentation, landmarks, attributes, ...options });
  }

  /** Put what is shown into the photo at its full size. */
  save({ model, photo, file }) {
    return savePhoto(model, photo, file);
  }

  /** Text that differs whenever the image of an edited photo does, apart from the state. */
  version(state) {
    const inverted = this.of(state);
    return inverted ? [inverted.photo, inverted.version, this.keepsBackground, this.isInPhoto].join() : "";
  }
}
