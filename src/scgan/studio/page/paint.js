// Painting classes: brush, fill, and taking the class that is already there.

import { byId, check, checked, element, readable } from "./dom.js";
import { fill, shares, stroke } from "./masks.js";
import { announce } from "./notices.js";

export class Paint {
  #store;
  #editor;
  #schema;
  #last = null; // where the stroke is
  #pointer = null;
  #cross = null; // where the keyboard is
  #shares = [];

  constructor(store, editor) {
    this.#store = store;
    this.#editor = editor;
    const size = byId("brush-size");
    size.addEventListener("input", () => this.#showSize());
    store.addEventListener("change", () => this.#showShares());
  }

  open(schema) {
    this.#schema = schema;
    this.#cross = null;
    byId("brush-size").max = schema.image_size / 2;
    byId("brush-size").value = Math.max(2, Math.round(schema.image_size / 16));
    this.#showSize();
    this.#shares = [];
    const choices = schema.class_names.map((name, index) => {
      const swatch = element("i");
      swatch.style.background = `rgb(${schema.class_colors[index]})`;
      const share = element("small");
      this.#shares.push(share);
      const input = element("input", { type: "radio", name: "class", value: index, checked: index === 1 });
      const key = index < 9 ? ` (${index + 1})` : "";
      return element("label", { title: readable(name) + key }, input, swatch, element("span", {}, readable(name)), share);
    });
    byId("classes").replaceChildren(byId("classes").querySelector("legend"), ...choices);
  }

  get index() {
    return Number(checked("class"));
  }

  get #brushSize() {
    return Number(byId("brush-size").value);
  }

  changeSize(by) {
    byId("brush-size").value = this.#brushSize + by;
    this.#showSize();
  }

  down(point, event) {
    this.#cross = null;
    this.#use(point, event.altKey);
  }

  move(point) {
    this.#pointer = point;
    if (this.#last) this.#strokeTo(point);
    else this.#editor.redraw();
  }

  hover(point) {
    this.#pointer = point;
    this.#editor.redraw();
  }

  leave() {
    this.#pointer = null;
    this.#editor.redraw();
  }

  up() {
    this.#last = null;
    this.#store.commit();
  }

  cancel() {
    if (!this.#store.settled) this.#store.undo();
    this.#last = null;
  }

  key(event) {
    const step = event.shiftKey ? 5 : 1;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const size = this.#editor.size;
    if (event.key in ways) {
      const from = this.#cross ?? [size / 2 + 0.5, size / 2 + 0.5];
      this.#cross = from.map((value, axis) => Math.min(size - 0.5, Math.max(0.5, value + ways[event.key][axis])));
      this.#pointer = this.#cross;
      this.#editor.redraw();
      this.#tellPlace();
      return true;
    }
    if ((event.key === " " || event.key === "Enter") && this.#cross) {
      this.#use(this.#cross, false);
      this.up();
      this.#tellPlace();
      return true;
    }
    return false;
  }

  draw(context, toScreen, pixel, density) {
    if (!this.#pointer) return;
    const [x, y] = toScreen(this.#pointer);
    const radius = checked("tool") === "brush" ? (this.#brushSize / 2) * pixel : 5 * density;
    for (const [color, width] of [["#000a", 3], ["#fff", 1.2]]) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (this.#cross) {
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

  #use(point, pick) {
    this.#store.commit(); // what is half-way elsewhere is a step of its own
    const size = this.#editor.size;
    const [column, row] = point.map((value) => Math.min(size - 1, Math.max(0, Math.floor(value))));
    const { mask } = this.#store.present;
    const tool = pick ? "pick" : checked("tool");
    if (tool === "pick") {
      check("class", mask[row * size + column]);
      announce(`Class ${this.#schema.class_names[this.index]}`);
    } else if (tool === "fill") {
      const filled = fill(mask, size, column, row, this.index);
      if (filled !== mask) this.#show(filled);
    } else {
      this.#last = point;
      this.#strokeTo(point);
    }
  }

  #strokeTo(point) {
    const { mask } = this.#store.present;
    this.#show(stroke(mask, this.#editor.size, this.#last, point, this.#brushSize, this.index));
    this.#last = point;
  }

  /** For now: a second finger may take it back. */
  #show(mask) {
    this.#store.preview({ mask, painted: true, undrawn: null });
  }

  #tellPlace() {
    const [column, row] = this.#cross.map(Math.floor);
    const name = this.#schema.class_names[this.#store.present.mask[row * this.#editor.size + column]];
    announce(`Column ${column + 1}, row ${row + 1}: ${readable(name)}`);
  }

  #showSize() {
    byId("brush-size-value").textContent = `${this.#brushSize} px`;
    this.#editor.redraw();
  }

  #showShares() {
    if (!this.#schema) return;
    const found = shares(this.#store.present.mask, this.#schema.class_names.length);
    const texts = found.map((share) => (share ? `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %` : ""));
    texts.forEach((text, index) => (this.#shares[index].textContent = text));
    const listed = texts.flatMap((text, index) => (text ? [`${readable(this.#schema.class_names[index])} ${text}`] : []));
    byId("mask-shares").textContent = `The mask shows ${listed.join(", ")}.`;
  }
}
