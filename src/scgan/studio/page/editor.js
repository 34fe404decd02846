// Mask canvas with zoom and pan. Pointer and keyboard events go to the active tool.

import { byId } from "./dom.js";
import { drawMask } from "./masks.js";
import { drawPhoto } from "./photo-drawing.js";

const MAX_ZOOM = 16;

/**
 * Interface of a tool: down(point, event), move(point, event), up(), cancel(), key(event) → true if it used the key,
 * draw(context, toScreen, pixel, density); optional hover(point) and leave(). Points are in mask pixels; (0, 0) is the top
 * left corner.
 *
 * Fires "zoom" when the zoom changes.
 */
export class Editor extends EventTarget {
  #canvas = byId("mask");
  #pixels = document.createElement("canvas");
  #schema;
  #mask;
  #isFrameShown = false;
  #photo = null;
  #photoOpacity = 0.5;
  #zoom = 1;
  #origin = [0, 0]; // top left corner of the view, as fractions of the mask
  #pointers = new Map();
  #gesture = null; // "tool", "pan", or "pinch"
  #isRedrawScheduled = false;
  #spaceHeld = false;
  tool = null;

  constructor() {
    super();
    const canvas = this.#canvas;
    new ResizeObserver(() => this.redraw()).observe(canvas);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.#up(event));
    canvas.addEventListener("pointerleave", () => this.tool?.leave?.());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => {
      if (this.tool?.key(event)) event.preventDefault();
    });
    // Listen on the whole page: the mask gets the focus only when the drag begins.
    addEventListener("keydown", (event) => {
      if (event.key === " ") this.#spaceHeld = true;
    });
    addEventListener("keyup", (event) => {
      if (event.key === " ") this.#spaceHeld = false;
    });
    addEventListener("blur", () => (this.#spaceHeld = false));
  }

  get zoom() {
    return this.#zoom;
  }

  get size() {
    return this.#schema.image_size;
  }

  /** Prepare for masks of another schema. */
  open(schema) {
    this.#schema = schema;
    this.fit();
  }

  show(mask) {
    this.#isFrameShown = false;
    this.#showPixels(mask);
  }

  /** Show the mask of an animation frame, without the tool's marks: they belong to the edited mask. */
  showFrame(mask) {
    this.#isFrameShown = true;
    this.#showPixels(mask);
  }

  #showPixels(mask) {
    if (mask === this.#mask) return this.redraw();
    this.#mask = mask;
    drawMask(this.#pixels, mask, this.#schema);
    this.redraw();
  }

  /** Show a photo over the mask: {bitmap, transform: DOMMatrix from the photo to fractions of the mask}, or null. */
  setPhoto(photo) {
    this.#photo = photo;
    this.redraw();
  }

  setPhotoOpacity(opacity) {
    this.#photoOpacity = opacity;
    this.redraw();
  }

  fit() {
    this.#zoom = 1;
    this.#origin = [0, 0];
    this.dispatchEvent(new Event("zoom"));
    this.redraw();
  }

  zoomBy(factor, at = [0.5, 0.5]) {
    const zoom = Math.min(MAX_ZOOM, Math.max(1, this.#zoom * factor));
    // The point under the pointer stays in place.
    this.#origin = this.#origin.map((start, axis) => start + at[axis] / this.#zoom - at[axis] / zoom);
    this.#zoom = zoom;
    this.#keepInside();
    this.dispatchEvent(new Event("zoom"));
    this.redraw();
  }

  redraw() {
    if (this.#isRedrawScheduled || !this.#schema) return;
    this.#isRedrawScheduled = true;
    requestAnimationFrame(() => {
      this.#isRedrawScheduled = false;
      this.#draw();
    });
  }

  #keepInside() {
    this.#origin = this.#origin.map((start) => Math.min(1 - 1 / this.#zoom, Math.max(0, start)));
  }

  #draw() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (!side || !this.#mask) return;
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    const context = this.#canvas.getContext("2d");
    const full = side * this.#zoom;
    const [left, top] = this.#origin.map((start) => -start * full);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#pixels, left, top, full, full);
    if (this.#photo) {
      context.globalAlpha = this.#photoOpacity;
      drawPhoto(context, this.#photo, { left, top, side: full });
      context.globalAlpha = 1;
    }
    const pixel = full / this.size;
    const toScreen = ([x, y]) => [left + x * pixel, top + y * pixel];
    if (!this.#isFrameShown) this.tool?.draw(context, toScreen, pixel, devicePixelRatio);
  }

  #fractions(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #point(event) {
    return this.#fractions(event).map((fraction, axis) => (this.#origin[axis] + fraction / this.#zoom) * this.size);
  }

  /** Convert a length from screen pixels to mask pixels. */
  toMask(length) {
    return (length / this.#canvas.clientWidth / this.#zoom) * this.size;
  }

  #down(event) {
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#fractions(event));
    if (this.#pointers.size === 2) {
      // The first finger began a stroke that was not intended.
      if (this.#gesture === "tool") this.tool.cancel();
      this.#gesture = "pinch";
    } else if (this.#pointers.size === 1) {
      this.#gesture = event.button === 1 || this.#spaceHeld ? "pan" : event.button === 0 ? "tool" : null;
      if (this.#gesture === "tool") this.tool?.down(this.#point(event), event);
    }
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return this.tool?.hover?.(this.#point(event));
    if (this.#gesture === "tool") {
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.tool?.move(this.#point(part), part);
      return;
    }
    const now = this.#fractions(event);
    if (this.#gesture === "pinch") this.#pinch(event.pointerId, before, now);
    if (this.#gesture === "pan") this.#pan(now[0] - before[0], now[1] - before[1]);
    this.#pointers.set(event.pointerId, now);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#gesture === "tool") event.type === "pointercancel" ? this.tool?.cancel() : this.tool?.up();
    // A finger that stays after a pinch must not start to paint.
    if (!this.#pointers.size || this.#gesture === "tool") this.#gesture = null;
  }

  #pan(x, y) {
    this.#origin = [this.#origin[0] - x / this.#zoom, this.#origin[1] - y / this.#zoom];
    this.#keepInside();
    this.redraw();
  }

  #pinch(id, before, now) {
    const [, other] = [...this.#pointers].find(([key]) => key !== id);
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1e-6;
    const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
    this.#pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.zoomBy(distance(now) / distance(before), middle);
  }

  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 300), this.#fractions(event));
    } else if (this.#zoom > 1) {
      event.preventDefault();
      const width = this.#canvas.clientWidth;
      this.#pan(-event.deltaX / width, -event.deltaY / width);
    }
  }
}
