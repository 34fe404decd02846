// Dialog that shows the part of a photo that is read, and lets the person move it.

import { byId } from "./dom.js";
import { arrowOffset } from "./keys.js";

const MAX_VIEW = 420; // screen pixels of the photo's longer side
const STEP = 0.01;

/** Longer side of a bitmap in pixels. */
const longerSide = ({ width, height }) => Math.max(width, height);

/** Keep a crop, {left, top, side} in fractions of the longer side, over the photo. */
export function keepOverPhoto({ left, top, side }, { width, height }) {
  const longer = longerSide({ width, height });
  const bounded = (start, length) => {
    const [low, high] = [0, length / longer - side].sort((a, b) => a - b);
    return Math.min(high, Math.max(low, start));
  };
  return { left: bounded(left, width), top: bounded(top, height), side };
}

/** Ask for the part of a photo: resolves to a crop, or to null if the dialog was cancelled. */
export function chooseCrop(bitmap, crop, sentence) {
  const dialog = byId("crop-dialog");
  const canvas = byId("crop-view");
  const size = byId("crop-size");
  const shown = { ...crop };
  byId("crop-reason").textContent = sentence;
  size.value = Math.round(100 * shown.side);

  const margin = 0.08; // the part may reach beyond the edges
  const longer = longerSide(bitmap);
  const [width, height] = [bitmap.width / longer, bitmap.height / longer];
  const scale = (MAX_VIEW * devicePixelRatio) / (1 + 2 * margin);
  canvas.width = Math.round((width + 2 * margin) * scale);
  canvas.height = Math.round((height + 2 * margin) * scale);
  const draw = () => drawCrop(canvas, bitmap, shown, (value) => (value + margin) * scale, scale);
  const move = (x, y) => {
    Object.assign(shown, keepOverPhoto({ left: shown.left + x, top: shown.top + y, side: shown.side }, bitmap));
    draw();
  };
  const resize = () => {
    const side = Number(size.value) / 100;
    const change = (shown.side - side) / 2;
    Object.assign(shown, { side });
    move(change, change);
  };

  let last = null;
  const listeners = {
    pointerdown: (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
    },
    pointermove: (event) => {
      if (!last) return;
      const factor = canvas.width / canvas.clientWidth / scale;
      move((event.clientX - last[0]) * factor, (event.clientY - last[1]) * factor);
      last = [event.clientX, event.clientY];
    },
    pointerup: () => (last = null),
    pointercancel: () => (last = null),
    keydown: (event) => {
      const offset = arrowOffset(event.key, event.shiftKey ? 5 * STEP : STEP);
      if (!offset) return;
      event.preventDefault();
      move(...offset);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  size.addEventListener("input", resize);
  draw();
  dialog.returnValue = "";
  dialog.showModal();
  canvas.focus();
  return new Promise((resolve) => {
    const close = () => {
      for (const [name, listener] of Object.entries(listeners)) canvas.removeEventListener(name, listener);
      size.removeEventListener("input", resize);
      resolve(dialog.returnValue === "use" ? shown : null);
    };
    dialog.addEventListener("close", close, { once: true });
  });
}

function drawCrop(canvas, bitmap, { left, top, side }, toView, scale) {
  const context = canvas.getContext("2d");
  const longer = longerSide(bitmap);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, toView(0), toView(0), (bitmap.width / longer) * scale, (bitmap.height / longer) * scale);
  const frame = new Path2D();
  frame.rect(toView(left), toView(top), side * scale, side * scale);
  const outside = new Path2D(frame);
  outside.rect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000a";
  context.fill(outside, "evenodd");
  for (const [color, width] of [["#000", 4], ["#fff", 2]]) {
    context.strokeStyle = color;
    context.lineWidth = width * devicePixelRatio;
    context.stroke(frame);
  }
}
