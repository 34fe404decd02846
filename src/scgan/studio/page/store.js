// What the person has made, as one object that is replaced and never changed, with undo and redo.
//
// {mask: Uint8Array, landmarks: [[x, y], …] | null, base, expression, painted, undrawn, photo, attributes: {name: share},
// latent}
// `base` are the points to which `expression` belongs when the sliders move; `painted` says that the mask is no longer
// what the landmarks give; `undrawn` is the face whose mask the server has yet to draw, or null; `photo` is what lies over
// the mask, {bitmap, transform} or null.

const MAX_STEPS = 200;

export class Store extends EventTarget {
  #past = [];
  #future = [];
  #before = null; // the state that a preview began with
  #present;

  get present() {
    return this.#present;
  }

  get canUndo() {
    return this.#before !== null || this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Whether the present state is a step, not something half-way. */
  get settled() {
    return this.#before === null;
  }

  /** Begin anew with a state, without a way back. */
  reset(state) {
    this.#past = [];
    this.#future = [];
    this.#before = null;
    this.#become(state);
  }

  /** Change something for now: a stroke or a drag that is not over. */
  preview(patch) {
    this.#before ??= this.#present;
    this.#become({ ...this.#present, ...patch });
  }

  /** Make what was previewed a step that undo takes back. */
  commit() {
    if (this.#before === null) return;
    this.#past.push(this.#before);
    if (this.#past.length > MAX_STEPS) this.#past.shift();
    this.#future = [];
    this.#before = null;
    this.#become(this.#present);
  }

  change(patch) {
    this.commit();
    this.preview(patch);
    this.commit();
  }

  /** Add to the present state what belongs to it but took time to find out. */
  complete(patch) {
    this.#become({ ...this.#present, ...patch });
  }

  undo() {
    if (this.#before !== null) {
      const before = this.#before;
      this.#before = null;
      this.#become(before);
    } else if (this.#past.length) {
      this.#future.push(this.#present);
      this.#become(this.#past.pop());
    }
  }

  redo() {
    if (this.#before !== null || !this.#future.length) return;
    this.#past.push(this.#present);
    this.#become(this.#future.pop());
  }

  #become(state) {
    this.#present = state;
    this.dispatchEvent(new Event("change"));
  }
}
