// Editing state as one immutable object, with undo and redo.
//
// {mask: Uint8Array, landmarks: [[x, y], …] | null, expressionBase, expression, painted, pendingFace, photo,
// attributes: {name: value}, latent}
// `expressionBase`: landmarks that `expression` is applied to when its sliders move.
// `painted`: true if the mask was painted on, so that it no longer matches the landmarks.
// `pendingFace`: face whose mask the server has not drawn yet, or null.
// `photo`: {bitmap, transform}, shown over the mask, or null.

const MAX_STEPS = 200;

export class Store extends EventTarget {
  #past = [];
  #future = [];
  #previewStart = null; // the state before the current preview
  #present;

  get present() {
    return this.#present;
  }

  get canUndo() {
    return this.#previewStart !== null || this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** True while a change is previewed that is not an undo step yet. */
  get isPreview() {
    return this.#previewStart !== null;
  }

  /** Set the state and clear the undo history. */
  reset(state) {
    this.#past = [];
    this.#future = [];
    this.#previewStart = null;
    this.#set(state);
  }

  /** Show a change that is still in progress, such as a stroke or a drag. */
  preview(patch) {
    this.#previewStart ??= this.#present;
    this.#set({ ...this.#present, ...patch });
  }

  /** Make the previewed change an undo step. */
  commit() {
    if (this.#previewStart === null) return;
    this.#past.push(this.#previewStart);
    if (this.#past.length > MAX_STEPS) this.#past.shift();
    this.#future = [];
    this.#previewStart = null;
    this.#set(this.#present);
  }

  /** Change the state as one undo step. */
  change(patch) {
    this.commit();
    this.preview(patch);
    this.commit();
  }

  /** Add a late result, such as a mask from the server, to the present state without an undo step. */
  amend(patch) {
    this.#set({ ...this.#present, ...patch });
  }

  undo() {
    if (this.#previewStart !== null) {
      const start = this.#previewStart;
      this.#previewStart = null;
      this.#set(start);
    } else if (this.#past.length) {
      this.#future.push(this.#present);
      this.#set(this.#past.pop());
    }
  }

  redo() {
    if (this.#previewStart !== null || !this.#future.length) return;
    this.#past.push(this.#present);
    this.#set(this.#future.pop());
  }

  #set(state) {
    this.#present = state;
    this.dispatchEvent(new Event("change"));
  }
}
