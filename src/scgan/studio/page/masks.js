// Masks: class indices, one byte per pixel. Pure functions.

export function toBase64(mask) {
  let bytes = "";
  for (let first = 0; first < mask.length; first += 8192) {
    bytes += String.fromCharCode(...mask.subarray(first, first + 8192));
  }
  return btoa(bytes);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Paint every pixel whose centre is at most half the brush size from the line between two points.
 * Points are in pixels: (0, 0) is the top left corner of the top left pixel.
 */
export function paintStroke(mask, size, [x0, y0], [x1, y1], brushSize, index) {
  const painted = mask.slice();
  const radius = brushSize / 2;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const bounds = (low, high) => [Math.max(0, Math.floor(low - radius)), Math.min(size - 1, Math.ceil(high + radius))];
  const [left, right] = bounds(Math.min(x0, x1), Math.max(x0, x1));
  const [top, bottom] = bounds(Math.min(y0, y1), Math.max(y0, y1));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
      const t = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      if (Math.hypot(px - t * dx, py - t * dy) <= radius) painted[row * size + column] = index;
    }
  }
  return painted;
}

/** Fill the connected area of one class around a pixel. */
export function floodFill(mask, size, column, row, index) {
  const oldIndex = mask[row * size + column];
  if (oldIndex === index) return mask;
  const painted = mask.slice();
  const stack = [row * size + column];
  while (stack.length) {
    const pixel = stack.pop();
    if (painted[pixel] !== oldIndex) continue;
    painted[pixel] = index;
    const x = pixel % size;
    if (x > 0) stack.push(pixel - 1);
    if (x < size - 1) stack.push(pixel + 1);
    if (pixel >= size) stack.push(pixel - size);
    if (pixel < size * (size - 1)) stack.push(pixel + size);
  }
  return painted;
}

/** Flip a mask horizontally and swap `pairs` of class indices. */
export function mirrorMask(mask, size, pairs) {
  const partner = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (const [left, right] of pairs) [partner[left], partner[right]] = [right, left];
  return mask.map((_, pixel) => partner[mask[pixel - 2 * (pixel % size) + size - 1]]);
}

/** Fraction of the pixels of each class. */
export function classFractions(mask, count) {
  const pixels = new Array(count).fill(0);
  for (const index of mask) pixels[index]++;
  return pixels.map((number) => number / mask.length);
}

/** Convert a mask to an ImageData with the colours of its classes. */
function colorize(mask, size, colors) {
  const image = new ImageData(size, size);
  mask.forEach((index, pixel) => image.data.set([...colors[index], 255], 4 * pixel));
  return image;
}

/** Draw a mask on a canvas of the same size. */
export function drawMask(canvas, mask, schema) {
  const size = schema.image_size;
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  canvas.getContext("2d").putImageData(colorize(mask, size, schema.class_colors), 0, 0);
}

/** State patch for a mask without landmarks. */
export function maskPatch(mask) {
  return { mask, landmarks: null, expressionBase: null, expression: null, painted: false, pendingFace: null };
}

/** State patch for a mask of the server, with its landmarks if it has any. */
export function serverMaskPatch({ segmentation, landmarks = null, expression = null }) {
  return { ...maskPatch(fromBase64(segmentation)), landmarks, expressionBase: landmarks, expression };
}
