// Files that the person opens or drops: masks, JSON files, and photos.

import { detectLandmarks, readFile, segmentPhoto } from "./api.js";
import { chooseCrop } from "./crop.js";
import { byId } from "./dom.js";
import { ApiError } from "./errors.js";
import { similarity } from "./landmarks.js";
import { serverMaskPatch } from "./masks.js";
import { showBusy, showError, showNotice, showWarning } from "./notices.js";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const PNG_COLOR_TYPE = 25; // offset in the file
const GREYSCALE = 0;
const PALETTE = 3;
const PHOTO_SIZE = 512;

/** Open a mask file, a JSON file that the studio saved, or a photo. */
export async function openFile(studio, file) {
  if (await isPhoto(file)) return openPhoto(studio, file);
  const { model } = studio;
  await showProgress(`Reading ${file.name}…`, file, async () => {
    const response = await readFile(model, file);
    if (model !== studio.model) return; // another model was opened in the meantime
    const { attributes, latent } = response;
    const patch = { ...serverMaskPatch(response), photo: null };
    if (response.has_appearance) Object.assign(patch, { attributes }, studio.isStyleLocked ? {} : { latent });
    studio.store.change(patch);
    if (response.notice) showWarning(response.notice, { sticky: true });
  });
}

/** Start from a photo: from its landmarks, or from its classes as the model's segmentor finds them. */
export async function openPhoto(studio, file) {
  const { model } = studio;
  if (!model.can_detect && !model.can_segment) return showWarning("This model cannot read photos: open a mask.");
  await showProgress(`Reading ${file.name}…`, file, async () => {
    const whole = await createImageBitmap(file).catch(() => null); // the server reads more formats than browsers
    let read = null;
    try {
      read = await readPhoto(studio, file);
    } catch (error) {
      if (!whole || !(error instanceof ApiError) || !model.can_detect || error.status !== 422) throw error;
      const crop = await chooseCrop(whole, centralCrop(whole), error.message); // no face, or several
      if (!crop) return;
      read = await readPhoto(studio, file, crop);
    }
    if (!model.can_detect && whole) {
      const crop = await chooseCrop(whole, read.crop, "This part of the photo becomes the mask. Drag it, or change its size.");
      if (!crop) return;
      if (!isSameCrop(crop, read.crop)) read = await readPhoto(studio, file, crop);
    }
    await showPhoto(studio, model, { file, whole, read });
  });
}

/** Let the person move the crop of the photo that is shown. */
export async function moveCrop(studio, { file, whole, crop }) {
  const { model } = studio;
  const chosen = await chooseCrop(whole, crop, "Drag the part of the photo to read, or change its size.");
  if (!chosen || isSameCrop(chosen, crop)) return;
  await showProgress(`Reading ${file.name}…`, file, async () => {
    await showPhoto(studio, model, { file, whole, read: await readPhoto(studio, file, chosen) });
  });
}

function readPhoto({ model }, file, crop) {
  return model.can_detect ? detectLandmarks(model, file, crop) : segmentPhoto(model, file, crop);
}

async function showPhoto(studio, model, { file, whole, read }) {
  const bitmap = whole && (await cutPhoto(whole, read.crop));
  // The generator works best on faces in the position of its training faces.
  const aligned = model.can_detect ? await studio.face.align(read.landmarks) : read;
  if (model !== studio.model) return; // another model was opened in the meantime
  const transform = model.can_detect ? similarity(read.landmarks, aligned.landmarks) : new DOMMatrix();
  const { latent } = studio.store.present;
  const patch = serverMaskPatch(aligned);
  const photo = bitmap && { bitmap, transform, file, whole, crop: read.crop, key: {}, latent, mask: patch.mask };
  // The attributes of the mask before say nothing about the person in the photo; its refinement estimates them.
  studio.store.change({ ...patch, photo, attributes: {} });
  if (photo && model.can_invert) studio.photos.start();
  else if (studio.schema.attribute_names.length) showNotice("The attributes are not read from the photo: choose them.");
}

const isSameCrop = (a, b) => ["left", "top", "side"].every((key) => Math.abs(a[key] - b[key]) < 1e-6);

function centralCrop({ width, height }) {
  const longer = Math.max(width, height);
  const side = Math.min(width, height) / longer;
  return { left: (width / longer - side) / 2, top: (height / longer - side) / 2, side };
}

/** Accept files that are dropped anywhere on the page. */
export function acceptDrops(studio) {
  let depth = 0; // every nested element fires its own enter and leave events
  const changeDepth = (change) => {
    depth = Math.max(0, depth + change);
    byId("drop").hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => {
    if (event.dataTransfer.types.includes("Files")) changeDepth(1);
  });
  addEventListener("dragleave", () => changeDepth(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    changeDepth(-depth);
    const [file] = event.dataTransfer.files;
    if (file) openFile(studio, file);
  });
}

async function showProgress(sentence, file, work) {
  if (!file.size) return showWarning(`${file.name} is empty.`);
  const done = showBusy(sentence);
  try {
    await work();
  } catch (error) {
    showError(error);
  }
  done();
}

/** Guess the kind of a file: PNG files with a palette or in greyscale are masks, other images are photos. */
async function isPhoto(file) {
  if (file.type === "application/json" || file.name.endsWith(".json")) return false;
  const header = new Uint8Array(await file.slice(0, PNG_COLOR_TYPE + 1).arrayBuffer());
  const isPng = PNG_SIGNATURE.every((byte, index) => header[index] === byte);
  return !isPng || ![GREYSCALE, PALETTE].includes(header[PNG_COLOR_TYPE]);
}

/** Cut the part of a photo that the server read: {left, top, side} in fractions of the longer side. */
async function cutPhoto(bitmap, { left, top, side }) {
  const longer = Math.max(bitmap.width, bitmap.height);
  const [x, y, length] = [left, top, side].map((value) => Math.round(value * longer));
  const size = { resizeWidth: PHOTO_SIZE, resizeHeight: PHOTO_SIZE, resizeQuality: "high" };
  return createImageBitmap(bitmap, x, y, length, length, size);
}
