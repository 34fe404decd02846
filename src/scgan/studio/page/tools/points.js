// Points tool: landmarks are dragged with the pointer or moved with the keyboard.

import { arrowOffset } from "../keys.js";
import { LINES, dragWeights, movePoints, pointName } from "../landmarks.js";
import { announce } from "../notices.js";

const TOUCH_RADIUS = 30; // screen pixels
const MOUSE_RADIUS = 16;
const LEFT_MOUTH_CORNER = 48;
const POINT_COUNT = 68;

export class PointsTool {
  help = "Drag points. With the keyboard: comma and full stop select a point, arrow keys move it.";
  #studio;
  #selected = null; // point that the keyboard moves
  #hovered = null;
  #drag = null;
  #reach = "nearby";

  constructor(studio) {
    this.#studio = studio;
    studio.onModel(() => {
      this.#selected = this.#hovered = null;
      this.#setDrag(null);
    });
  }

  /** Points that move along: "point", "nearby", "feature" or "face". */
  get reach() {
    return this.#reach;
  }

  setReach(reach) {
    this.#reach = reach;
    this.#redraw();
  }

  get #landmarks() {
    return this.#studio.store.present.landmarks;
  }

  down(point, event) {
    if (!this.#landmarks) return;
    const nearest = this.#nearest(point, event.pointerType === "touch" ? TOUCH_RADIUS : MOUSE_RADIUS);
    if (nearest === null) return;
    this.#studio.store.commit();
    this.#selected = nearest;
    const landmarks = this.#landmarks;
    this.#setDrag({ start: point, landmarks, weights: dragWeights(landmarks, nearest, this.#reach) });
    this.#redraw();
  }

  move(point) {
    if (!this.#drag) return;
    const { start, landmarks, weights } = this.#drag;
    const offset = [0, 1].map((axis) => (point[axis] - start[axis]) / this.#studio.editor.size);
    this.#studio.face.previewLandmarks(movePoints(landmarks, weights, offset));
  }

  hover(point) {
    const nearest = this.#landmarks ? this.#nearest(point, MOUSE_RADIUS) : null;
    if (nearest === this.#hovered) return;
    this.#hovered = nearest;
    this.#redraw();
  }

  leave() {
    this.#hovered = null;
    this.#redraw();
  }

  up() {
    if (!this.#drag) return;
    this.#setDrag(null);
    this.#studio.face.commit();
  }

  cancel() {
    if (this.#drag && this.#studio.store.isPreview) this.#studio.store.undo();
    this.#setDrag(null);
  }

  key(event) {
    if (!this.#landmarks) return false;
    const step = { ",": POINT_COUNT - 1, ".": 1 }[event.key];
    if (step) {
      this.#selected = this.#selected === null ? LEFT_MOUTH_CORNER : (this.#selected + step) % POINT_COUNT;
      this.#redraw();
      announce(pointName(this.#selected));
      return true;
    }
    const distance = (event.shiftKey ? 2 : 0.5) / this.#studio.editor.size;
    const offset = arrowOffset(event.key, distance);
    if (!offset || this.#selected === null) return false;
    const weights = dragWeights(this.#landmarks, this.#selected, this.#reach);
    this.#studio.face.previewLandmarks(movePoints(this.#landmarks, weights, offset));
    this.#studio.face.commit();
    const [x, y] = this.#landmarks[this.#selected];
    announce(`${pointName(this.#selected)}: x ${Math.round(100 * x)} %, y ${Math.round(100 * y)} %`);
    return true;
  }

  draw(context, toScreen, pixel, density) {
    const landmarks = this.#landmarks;
    if (!landmarks) return;
    const positions = landmarks.map((point) => toScreen(point.map((value) => value * this.#studio.editor.size)));
    drawLines(context, positions, density);
    const active = this.#drag ? this.#selected : (this.#hovered ?? this.#selected);
    const weights = active === null ? new Map() : dragWeights(landmarks, active, this.#reach);
    positions.forEach(([x, y], point) => {
      const weight = weights.get(point) ?? 0;
      context.beginPath();
      context.arc(x, y, (point === active ? 5.5 : 2.6 + 1.6 * weight) * density, 0, 2 * Math.PI);
      context.fillStyle = point === active ? "#ffd43b" : weight > 0.1 ? "#ffec99" : "#fff";
      context.fill();
      context.lineWidth = density;
      context.strokeStyle = "#000a";
      context.stroke();
    });
  }

  #setDrag(drag) {
    this.#drag = drag;
    this.#studio.face.isDragging = drag !== null;
  }

  #redraw() {
    this.#studio.editor.redraw();
  }

  #nearest([x, y], radius) {
    const { editor } = this.#studio;
    const distances = this.#landmarks.map(([px, py]) => Math.hypot(px * editor.size - x, py * editor.size - y));
    const minimum = Math.min(...distances);
    return minimum <= editor.toMask(radius) ? distances.indexOf(minimum) : null;
  }
}

function drawLines(context, positions, density) {
  for (const [color, width] of [["#0007", 2.6], ["#fffc", 1.1]]) {
    context.strokeStyle = color;
    context.lineWidth = width * density;
    for (const { points, closed } of LINES) {
      context.beginPath();
      for (const point of points) context.lineTo(...positions[point]);
      if (closed) context.closePath();
      context.stroke();
    }
  }
}
