// Frames between two images, as studio/animation.py has them.

import { lerpHeads, toHead, toPoints } from "./heads.js";
import { maskPath } from "./mask-paths.js";
import { drawFace } from "./polygons.js";
import { lerp, slerp } from "./vectors.js";

/** Inputs of the generator for each frame: {mask, attributes, latent}. */
export function* frames(start, end, count, { image_size, class_names }, faceModel) {
  let maskAt;
  if (start.landmarks && end.landmarks) {
    const [first, last] = [start, end].map(({ landmarks }) => toHead(landmarks, faceModel));
    maskAt = (t) => drawFace(toPoints(lerpHeads(first, last, t), faceModel), image_size, class_names);
  } else {
    maskAt = maskPath(start.mask, end.mask, image_size);
  }
  for (let index = 0; index < count; index++) {
    const t = index / (count - 1);
    yield {
      mask: maskAt(t),
      attributes: lerp(start.attributes, end.attributes, t),
      latent: slerp(start.latent, end.latent, t),
    };
  }
}
