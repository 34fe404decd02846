// Masks: class indices, one byte for each pixel. Pure functions.

export function toBase64(mask) {
  let text = "";
  for (let first = 0; first < mask.length; first += 8192) {
    text += String.fromCharCode(...mask.subarray(first, first + 8192));
  }
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * A mask with a stroke: every pixel whose centre is at most half the brush size from the line between two points.
 * Points in pixels: (0, 0) is the top left corner of the top left pixel.
 */
export function stroke(mask, size, [x0, y0], [x1, y1], brushSize, index) {
  const painted = mask.slice();
  const radius = brushSize / 2;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const within = (low, high) => [Math.max(0, Math.floor(low - radius)), Math.min(size - 1, Math.ceil(high + radius))];
  const [left, right] = within(Math.min(x0, x1), Math.max(x0, x1));
  const [top, bottom] = within(Math.min(y0, y1), Math.max(y0, y1));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
      const share = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      if (Math.hypot(px - share * dx, py - share * dy) <= radius) painted[row * size + column] = index;
    }
  }
  return painted;
}

/** A mask in which the connected area of one class around a pixel has another class. */
export function fill(mask, size, column, row, index) {
  const before = mask[row * size + column];
  if (before === index) return mask;
  const painted = mask.slice();
  const waiting = [row * size + column];
  while (waiting.length) {
    const place = waiting.pop();
    if (painted[place] !== before) continue;
    painted[place] = index;
    const x = place % size;
    if (x > 0) waiting.push(place - 1);
    if (x < size - 1) waiting.push(place + 1);
    if (place >= size) waiting.push(place - size);
    if (place < size * (size - 1)) waiting.push(place + size);
  }
  return painted;
}

/** The mirror image; `pairs` are indices of classes that change places in it. */
export function mirrored(mask, size, pairs) {
  const partner = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (const [left, right] of pairs) [partner[left], partner[right]] = [right, left];
  return mask.map((_, place) => partner[mask[place - 2 * (place % size) + size - 1]]);
}

/** The share of each class. */
export function shares(mask, count) {
  const pixels = new Array(count).fill(0);
  for (const index of mask) pixels[index]++;
  return pixels.map((number) => number / mask.length);
}

/** Class colours as an image that a canvas takes. */
export function colored(mask, size, colors) {
  const image = new ImageData(size, size);
  mask.forEach((index, place) => image.data.set([...colors[index], 255], 4 * place));
  return image;
}

/** Draw a mask on a canvas, one pixel for one pixel. */
export function drawMask(canvas, mask, schema) {
  const size = schema.image_size;
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  canvas.getContext("2d").putImageData(colored(mask, size, schema.class_colors), 0, 0);
}

/** What a mask without points brings to a state. */
export function pixelState(mask) {
  return { mask, landmarks: null, base: null, expression: null, painted: false, undrawn: null };
}

/** What a mask brings to a state, as the server sends it; without points where it has none. */
export function maskState({ segmentation, landmarks = null, expression = null }) {
  return { ...pixelState(fromBase64(segmentation)), landmarks, base: landmarks, expression };
}
