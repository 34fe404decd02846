// Photo in the place where the model's data have it.

/** Draw a photo, {bitmap, transform}, so that the mask fills a square of `side` pixels. */
export function drawPhoto(context, { bitmap, transform }, { left = 0, top = 0, side }) {
  context.save();
  context.imageSmoothingEnabled = true;
  context.setTransform(new DOMMatrix([side, 0, 0, side, left, top]).multiply(transform));
  context.drawImage(bitmap, 0, 0, 1, 1);
  context.restore();
}
