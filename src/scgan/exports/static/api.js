// The studio's model, computed in the browser by ONNX Runtime Web. Same functions as in the studio's api.js.
//
// The folder model/ holds model.json (exports/web.py) and the generator. No request leaves for another host.

import { frames } from "./browser/animation.js";
import { drawFace } from "./browser/polygons.js";
import { alignFace, express, isFace, measure, mirror, toFloat32 } from "./browser/heads.js";
import { latentVector } from "./browser/latents.js";
import { parseManifest, writeEntry } from "./browser/manifest.js";
import { openMask } from "./browser/mask-files.js";
import { encodePng, GREYSCALE_OR_INDEX, RGB } from "./browser/png.js";
import { Generator } from "./browser/generator.js";
import { download } from "./browser/download.js";
import { byId, element } from "./dom.js";
import { ApiError } from "./errors.js";
import { fromBase64, toBase64 } from "./masks.js";

export const PRIVACY = "Masks stay in this browser, which computes the images itself. Nothing is stored.";

const generator = new Generator();
let about = null; // content of model.json

/** The page has no server, so there is nothing to send a token to. */
export function setToken() {}

export async function listModels() {
  if (globalThis.unsupported) throw new ApiError(globalThis.unsupported, 422);
  generator.start();
  about ??= JSON.parse(new TextDecoder().decode(await download("model/model.json")));
  showAbout(about.about);
  return [about.description];
}

/** Show title, licence and origin of the model in the help dialog. */
function showAbout({ title, license, data_note }) {
  const sentence = `${title}. Licence: ${license === "other" ? "that of the data" : license}. ${data_note} The images are generated, they are no photos.`;
  byId("about")?.remove();
  byId("privacy").after(element("p", { className: "quiet", id: "about" }, sentence));
}

export const listExamples = async () => about.examples;

/** Attribute vector, completed by what the training data always have (models/attribute_groups.py). */
function attributeVector({ model_schema: { attribute_names } }, attributes) {
  const values = { ...attributes };
  for (const { names, added } of about.completions) {
    if (!names.some((name) => name in attributes)) values[added] = 1;
  }
  return Float32Array.from(attribute_names, (name) => values[name] ?? 0);
}

/** Inputs of the generator from an image specification. */
const inputsOf = (model, { segmentation, attributes, latent }) => ({
  mask: fromBase64(segmentation),
  attributes: attributeVector(model, attributes),
  latent: latentVector(latent, about.latent_size),
});

async function generate(model, inputs) {
  const size = model.model_schema.image_size;
  return encodePng(await generator.generate(inputs), size, RGB);
}

export const generateImage = (model, spec) => generate(model, inputsOf(model, spec));

export async function generateImages(model, segmentation, appearances) {
  const images = [];
  // One after the other, so that the image of a stroke comes between them.
  for (const appearance of appearances) {
    const image = await generate(model, inputsOf(model, { segmentation, ...appearance }));
    images.push(`data:image/png;base64,${toBase64(new Uint8Array(await image.arrayBuffer()))}`);
  }
  return images;
}

export async function rasterize(model, { landmarks, expression = null, mirror: isMirrored, align }) {
  const { face_model, mean_face } = about;
  let points = toFloat32(landmarks);
  if ((align || expression) && !isFace(points)) {
    throw new ApiError("These landmarks lie in one place: they are not a face.", 422);
  }
  if (isMirrored) points = toFloat32(mirror(points));
  if (align && mean_face) points = alignFace(points, mean_face, face_model);
  if (expression) points = express(points, expression, face_model);
  const { image_size, class_names } = model.model_schema;
  return {
    landmarks: points,
    segmentation: toBase64(drawFace(points, image_size, class_names)),
    expression: expression ?? (isFace(points) ? measure(points, face_model) : null),
  };
}

export async function* generateFrames(model, { start, end, frames: count }, signal) {
  const [first, last] = [start, end].map((spec) => ({ ...inputsOf(model, spec), landmarks: spec.landmarks }));
  for (const inputs of frames(first, last, count, model.model_schema, about.face_model)) {
    const image = await generate(model, inputs);
    signal.throwIfAborted();
    yield { image, mask: inputs.mask };
  }
}

const cannot = (what) => async () => {
  throw new ApiError(`This page cannot ${what}: open the model with scgan studio.`, 422);
};

export const encodeVideo = cannot("write videos");
export const detectLandmarks = cannot("read photos");
export const segmentPhoto = cannot("read photos");
export const invertPhoto = cannot("edit photos");
export const editPhoto = cannot("edit photos");
export const savePhoto = cannot("edit photos");

export const encodeMask = ({ model_schema: { image_size, class_colors } }, segmentation) =>
  encodePng(fromBase64(segmentation), image_size, GREYSCALE_OR_INDEX, class_colors);

export async function writeManifest(model, spec) {
  const mask = new Uint8Array(await (await encodeMask(model, spec.segmentation)).arrayBuffer());
  const { attribute_names } = model.model_schema;
  const attributes = Object.fromEntries(attribute_names.map((name, index) => [name, attributeVector(model, spec.attributes)[index]]));
  return { ...about.manifest_head, images: [writeEntry({ ...spec, attributes }, toBase64(mask))] };
}

export async function readFile(model, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (String.fromCharCode(...bytes.subarray(0, 100)).trimStart().startsWith("{")) {
    return parseManifest(bytes, model.model_schema, about.manifest_head);
  }
  return { segmentation: toBase64(await openMask(bytes, model.model_schema)), has_appearance: false, notice: null };
}
