// Paint tool: brush, fill and eyedropper, with the pointer or the keyboard.

import { readable } from "../dom.js";
import { arrowOffset } from "../keys.js";
import { floodFill, paintStroke } from "../masks.js";
import { announce } from "../notices.js";

/** Fires "change" when one of its settings changes. */
export class PaintTool extends EventTarget {
  help = "Drag to paint. With the keyboard: arrow keys move the cursor, space uses the tool there.";
  #studio;
  #strokeEnd = null; // last point of the stroke in progress
  #pointer = null;
  #cursor = null; // position of the keyboard cursor
  /** "brush", "fill" or "eyedropper". */
  kind = "brush";
  brushSize = 2;
  classIndex = 1;

  constructor(studio) {
    super();
    this.#studio = studio;
    studio.onSchema((schema) => {
      this.#cursor = null;
      this.set({ brushSize: Math.max(2, Math.round(schema.image_size / 16)), classIndex: 1 });
    });
    const activate = (kind) => () => {
      studio.setMode("paint");
      this.set({ kind });
    };
    studio.keys.add("b", "Brush", activate("brush"));
    studio.keys.add("f", "Fill", activate("fill"));
    studio.keys.add("i", "Eyedropper", activate("eyedropper"));
    studio.keys.add([..."123456789"], "Select a class", (key) => this.#selectClass(Number(key) - 1), "1 … 9");
    studio.keys.add("[", "Decrease brush size", () => this.set({ brushSize: this.brushSize - 1 }));
    studio.keys.add("]", "Increase brush size", () => this.set({ brushSize: this.brushSize + 1 }));
  }

  get maxBrushSize() {
    return this.#studio.schema.image_size / 2;
  }

  /** Change `kind`, `brushSize` or `classIndex`. */
  set(settings) {
    Object.assign(this, settings);
    this.brushSize = Math.min(this.maxBrushSize, Math.max(1, this.brushSize));
    this.#studio.editor.redraw();
    this.dispatchEvent(new Event("change"));
  }

  #selectClass(index) {
    this.#studio.setMode("paint");
    if (index < this.#studio.schema.class_names.length) this.set({ classIndex: index });
  }

  down(point, event) {
    this.#cursor = null;
    this.#apply(point, event.altKey ? "eyedropper" : this.kind);
  }

  move(point) {
    this.#pointer = point;
    if (this.#strokeEnd) this.#extendStroke(point);
    else this.#studio.editor.redraw();
  }

  hover(point) {
    this.#pointer = point;
    this.#studio.editor.redraw();
  }

  leave() {
    this.#pointer = null;
    this.#studio.editor.redraw();
  }

  up() {
    this.#strokeEnd = null;
    this.#studio.store.commit();
  }

  cancel() {
    if (this.#studio.store.isPreview) this.#studio.store.undo();
    this.#strokeEnd = null;
  }

  key(event) {
    const step = event.shiftKey ? 5 : 1;
    const offset = arrowOffset(event.key, step);
    const { size } = this.#studio.editor;
    if (offset) {
      const start = this.#cursor ?? [size / 2 + 0.5, size / 2 + 0.5];
      this.#cursor = start.map((value, axis) => Math.min(size - 0.5, Math.max(0.5, value + offset[axis])));
      this.#pointer = this.#cursor;
      this.#studio.editor.redraw();
      this.#announceCursor();
      return true;
    }
    if ((event.key === " " || event.key === "Enter") && this.#cursor) {
      this.#apply(this.#cursor, this.kind);
      this.up();
      this.#announceCursor();
      return true;
    }
    return false;
  }

  draw(context, toScreen, pixel, density) {
    if (!this.#pointer) return;
    const [x, y] = toScreen(this.#pointer);
    const radius = this.kind === "brush" ? (this.brushSize / 2) * pixel : 5 * density;
    for (const [color, width] of [["#000a", 3], ["#fff", 1.2]]) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (this.#cursor) {
        context.moveTo(x - 8 * density, y);
        context.lineTo(x + 8 * density, y);
        context.moveTo(x, y - 8 * density);
        context.lineTo(x, y + 8 * density);
      }
      context.strokeStyle = color;
      context.lineWidth = width * density;
      context.stroke();
    }
  }

  #apply(point, kind) {
    const { store, editor, schema } = this.#studio;
    store.commit(); // a preview of another control becomes its own undo step
    const [column, row] = point.map((value) => Math.min(editor.size - 1, Math.max(0, Math.floor(value))));
    const { mask } = store.present;
    if (kind === "eyedropper") {
      this.set({ classIndex: mask[row * editor.size + column] });
      announce(`Class ${readable(schema.class_names[this.classIndex])}`);
    } else if (kind === "fill") {
      const filled = floodFill(mask, editor.size, column, row, this.classIndex);
      if (filled !== mask) this.#preview(filled);
    } else {
      this.#strokeEnd = point;
      this.#extendStroke(point);
    }
  }

  #extendStroke(point) {
    const { store, editor } = this.#studio;
    const { mask } = store.present;
    this.#preview(paintStroke(mask, editor.size, this.#strokeEnd, point, this.brushSize, this.classIndex));
    this.#strokeEnd = point;
  }

  /** Show a painted mask. It is committed by up() or discarded by cancel(), when a second finger comes down. */
  #preview(mask) {
    this.#studio.store.preview({ mask, painted: true, pendingFace: null });
  }

  #announceCursor() {
    const [column, row] = this.#cursor.map(Math.floor);
    const index = this.#studio.store.present.mask[row * this.#studio.editor.size + column];
    announce(`Column ${column + 1}, row ${row + 1}: ${readable(this.#studio.schema.class_names[index])}`);
  }
}
