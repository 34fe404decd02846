// Dragging the points of a face, and the sliders for its expression; the mask follows.

import { postJson } from "./api.js";
import { byId, checked, slider } from "./dom.js";
import { LINES, MIRROR, moved, movedPhoto, nameOf, similarity, weights } from "./faces.js";
import { latestOnly } from "./latest.js";
import { maskState } from "./masks.js";
import { announce, onReturn, tell } from "./notices.js";

const SLIDERS = {
  yaw: ["Turn", -40, 40, 0.5],
  smile: ["Smile", -1, 3, 0.02],
  mouth_open: ["Mouth open", -0.6, 1.2, 0.02],
  eyebrows: ["Eyebrows", -0.15, 0.2, 0.005],
};

export class Points {
  #store;
  #editor;
  #model;
  #chosen = null; // the point that the keyboard moves
  #drag = null;
  #hovered = null;
  #sliders = {};
  #ask = latestOnly((face) => postJson(`models/${this.#model.id}/rasterize`, face));
  #unfinished = null;
  #measured = new WeakMap(); // answers that came or are on their way: landmarks to their expression

  constructor(store, editor) {
    this.#store = store;
    this.#editor = editor;
    for (const [name, [title, ...limits]] of Object.entries(SLIDERS)) {
      const made = slider(title, ...limits);
      this.#sliders[name] = made.input;
      made.input.name = name;
      made.input.addEventListener("input", () => this.#express(name, Number(made.input.value)));
      made.input.addEventListener("change", () => this.#finish());
      byId("expression").append(made.label);
    }
    store.addEventListener("change", () => this.#show());
    onReturn(() => store.present && this.#show());
  }

  open(model) {
    this.#model = model;
    this.#chosen = this.#hovered = this.#drag = null;
  }

  /** A face put where the model's examples have theirs. */
  async placed(landmarks) {
    return postJson(`models/${this.#model.id}/rasterize`, { landmarks, place: true });
  }

  /** Change the whole face as the server can: { mirror: true } or { place: true }. */
  async transform(how) {
    await this.#unfinished?.catch(() => {}); // the face may still change by a step that was made just before
    try {
      const { landmarks, photo } = this.#store.present;
      const face = await this.#ask({ landmarks, ...how });
      if (!face || this.#store.present.landmarks !== landmarks) return;
      const move = how.mirror ? MIRROR : similarity(landmarks, face.landmarks);
      this.#store.change({ ...maskState(face), photo: movedPhoto(photo, move) });
    } catch (error) {
      tell(error);
    }
  }

  down(point, event) {
    const { landmarks } = this.#store.present;
    if (!landmarks) return;
    const nearest = this.#nearest(point, event.pointerType === "touch" ? 30 : 16);
    if (nearest === null) return;
    this.#store.commit();
    this.#chosen = nearest;
    this.#drag = { from: point, landmarks, shares: weights(landmarks, nearest, checked("reach")) };
    this.#editor.redraw();
  }

  move(point) {
    if (!this.#drag) return;
    const { from, landmarks, shares } = this.#drag;
    const way = [0, 1].map((axis) => (point[axis] - from[axis]) / this.#editor.size);
    this.#dragTo(moved(landmarks, shares, way));
  }

  hover(point) {
    const nearest = this.#store.present.landmarks ? this.#nearest(point, 16) : null;
    if (nearest === this.#hovered) return;
    this.#hovered = nearest;
    this.#editor.redraw();
  }

  leave() {
    this.#hovered = null;
    this.#editor.redraw();
  }

  up() {
    if (!this.#drag) return;
    this.#drag = null;
    this.#finish();
  }

  cancel() {
    if (this.#drag && !this.#store.settled) this.#store.undo();
    this.#drag = null;
  }

  key(event) {
    const { landmarks } = this.#store.present;
    if (!landmarks) return false;
    const turn = { ",": 67, ".": 1 }[event.key];
    if (turn) {
      this.#chosen = this.#chosen === null ? 48 : (this.#chosen + turn) % 68;
      this.#editor.redraw();
      announce(nameOf(this.#chosen));
      return true;
    }
    const step = (event.shiftKey ? 2 : 0.5) / this.#editor.size;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (!(event.key in ways) || this.#chosen === null) return false;
    this.#dragTo(moved(landmarks, weights(landmarks, this.#chosen, checked("reach")), ways[event.key]));
    this.#finish();
    const [x, y] = this.#store.present.landmarks[this.#chosen];
    announce(`${nameOf(this.#chosen)} at ${Math.round(100 * x)} % across, ${Math.round(100 * y)} % down`);
    return true;
  }

  draw(context, toScreen, pixel, density) {
    const { landmarks } = this.#store.present;
    if (!landmarks) return;
    const places = landmarks.map((point) => toScreen(point.map((value) => value * this.#editor.size)));
    for (const [color, width] of [["#0007", 2.6], ["#fffc", 1.1]]) {
      context.strokeStyle = color;
      context.lineWidth = width * density;
      for (const { points, closed } of LINES) {
        context.beginPath();
        for (const point of points) context.lineTo(...places[point]);
        if (closed) context.closePath();
        context.stroke();
      }
    }
    const active = this.#drag ? this.#chosen : (this.#hovered ?? this.#chosen);
    const along = active === null ? new Map() : weights(landmarks, active, checked("reach"));
    places.forEach(([x, y], point) => {
      const share = along.get(point) ?? 0;
      context.beginPath();
      context.arc(x, y, (point === active ? 5.5 : 2.6 + 1.6 * share) * density, 0, 2 * Math.PI);
      context.fillStyle = point === active ? "#ffd43b" : share > 0.1 ? "#ffec99" : "#fff";
      context.fill();
      context.lineWidth = density;
      context.strokeStyle = "#000a";
      context.stroke();
    });
  }

  #nearest([x, y], pixels) {
    const { size } = this.#editor;
    const distances = this.#store.present.landmarks.map(([px, py]) => Math.hypot(px * size - x, py * size - y));
    const least = Math.min(...distances);
    return least <= this.#editor.toMask(pixels) ? distances.indexOf(least) : null;
  }

  #dragTo(landmarks) {
    const face = { landmarks };
    this.#store.preview({ landmarks, base: landmarks, undrawn: face });
    this.#follow(face);
  }

  #express(name, value) {
    const { base, expression } = this.#store.present;
    const wanted = { ...expression, [name]: value };
    const face = { landmarks: base, expression: wanted };
    this.#store.preview({ expression: wanted, undrawn: face });
    this.#follow(face);
  }

  /** Ask for the mask of a face; where the person is elsewhere when it comes it is dropped. */
  #follow(face) {
    const answer = this.#ask(face).then((drawn) => {
      if (!drawn) return;
      const patch = maskState(drawn);
      const { undrawn } = this.#store.present;
      if (undrawn === face) {
        this.#store.complete(face.expression ? { ...patch, base: face.landmarks, expression: face.expression } : patch);
      } else if (undrawn && !this.#store.settled) {
        // The pointer is further on already; the mask follows as well as it can.
        this.#store.complete({ mask: patch.mask });
      }
    });
    this.#unfinished = answer;
    answer.catch(tell);
  }

  async #finish() {
    const last = this.#unfinished;
    await last?.catch(() => {});
    if (last === this.#unfinished && !this.#drag) this.#store.commit();
  }

  /** Points that came without an expression get theirs. */
  async #measure(landmarks) {
    if (!this.#measured.has(landmarks))
      this.#measured.set(landmarks, postJson(`models/${this.#model.id}/rasterize`, { landmarks }));
    try {
      const { expression } = await this.#measured.get(landmarks);
      const { present } = this.#store;
      if (expression && present.landmarks === landmarks && !present.expression) this.#store.complete({ expression });
    } catch (error) {
      this.#measured.delete(landmarks);
      tell(error);
    }
  }

  #show() {
    const { landmarks, expression, painted, undrawn } = this.#store.present;
    // This step was left before its mask came, or the server was away.
    if (undrawn && this.#store.settled) this.#follow(undrawn);
    if (landmarks && !expression) this.#measure(landmarks);
    for (const [name, input] of Object.entries(this.#sliders)) {
      input.disabled = !landmarks || !expression;
      if (expression) input.value = expression[name];
    }
    const note = byId("points-note");
    note.hidden = Boolean(landmarks) && !painted;
    note.textContent = landmarks
      ? "This mask was painted on. Moving a point draws it anew; undo brings the painting back."
      : "This mask has no points. Start from an example or a photo, or put a face here.";
    byId("new-face").hidden = Boolean(landmarks);
    byId("place-face").disabled = !landmarks;
  }
}
