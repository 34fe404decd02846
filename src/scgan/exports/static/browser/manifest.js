// JSON files with all inputs of an image, as inference/manifest.py reads and writes them.

import { ApiError } from "../errors.js";
import { fromBase64, toBase64 } from "../masks.js";
import { openMask } from "./mask-files.js";

const MASK_PREFIX = "data:image/png;base64,";
const SCHEMA_PARTS = ["image_size", "class_names", "attribute_names"];
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Entry of one image; `mask` is its file as base64. */
export function writeEntry({ attributes, latent, landmarks }, mask) {
  return {
    file: "images/studio.png",
    mask: MASK_PREFIX + mask,
    attributes,
    ...("seed" in latent ? latent : { blend: latent }),
    ...(landmarks ? { landmarks } : {}),
  };
}

/** Read a file that the studio saved. */
export async function parseManifest(bytes, schema, head) {
  const unreadable = new ApiError("The file is not JSON of the studio, or damaged: open one that the studio saved.", 422);
  let content;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unreadable;
  }
  if (!content.schema || !Array.isArray(content.images)) throw unreadable;
  if (!SCHEMA_PARTS.every((part) => isSame(content.schema[part], schema[part]))) {
    throw new ApiError("The file was saved with a model of another size, classes or attributes.", 422);
  }
  if (content.images.length !== 1) {
    throw new ApiError(`The file describes ${content.images.length} images: open one that the studio saved.`, 422);
  }
  const [{ mask, attributes, seed, blend, landmarks = null }] = content.images;
  const isFraction = (value) => value >= 0 && value <= 1;
  const isSeed = Number.isSafeInteger;
  const isLatent = blend ? isSeed(blend.seed_a) && isSeed(blend.seed_b) && isFraction(blend.t) : isSeed(seed);
  const isNamed = ([name, value]) => schema.attribute_names.includes(name) && isFraction(value);
  const isPoint = (point) => point.length === 2 && point.every((value) => Math.abs(value) <= 2);
  const isFace = !landmarks || (landmarks.length === 68 && landmarks.every(isPoint));
  if (!isLatent || !isFace || !Object.entries(attributes ?? {}).every(isNamed) || !String(mask).startsWith(MASK_PREFIX)) {
    throw unreadable;
  }
  return {
    segmentation: toBase64(await openMask(fromBase64(mask.slice(MASK_PREFIX.length)), schema)),
    attributes: attributes ?? {},
    latent: blend ?? { seed },
    landmarks,
    has_appearance: true,
    notice: isSame(content.model, head.model) ? null : "The file was saved with another model: the image will differ.",
  };
}
