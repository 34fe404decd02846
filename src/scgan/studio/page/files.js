// Files that the person opens or drops: masks, JSON files, and photos.

import { postFile } from "./api.js";
import { byId } from "./dom.js";
import { similarity } from "./landmarks.js";
import { serverMaskPatch } from "./masks.js";
import { showError, showWarning } from "./notices.js";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const PNG_COLOR_TYPE = 25; // offset in the file
const GREYSCALE = 0;
const PALETTE = 3;
const PHOTO_SIZE = 512;

/** Open a mask file or a JSON file that the studio saved. */
export async function openFile(studio, file) {
  const { model } = studio;
  await showProgress(file, async () => {
    const response = await postFile(`models/${model.id}/open`, file);
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
  const { id, can_detect, can_segment } = model;
  if (!can_detect && !can_segment) return showWarning("This model cannot read photos: open a mask.");
  await showProgress(file, async () => {
    const detected = await postFile(`models/${id}/${can_detect ? "landmarks" : "segment"}`, file);
    // The generator works best on faces in the position of its training faces.
    const aligned = can_detect ? await studio.face.align(detected.landmarks) : detected;
    if (model !== studio.model) return; // another model was opened in the meantime
    const bitmap = await cutPhoto(file, detected.crop).catch(() => null); // the server reads more formats than browsers
    const transform = can_detect ? similarity(detected.landmarks, aligned.landmarks) : new DOMMatrix();
    studio.store.change({ ...serverMaskPatch(aligned), photo: bitmap && { bitmap, transform } });
  });
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
  addEventListener("drop", async (event) => {
    event.preventDefault();
    changeDepth(-depth);
    const [file] = event.dataTransfer.files;
    if (file) (await isPhoto(file)) ? openPhoto(studio, file) : openFile(studio, file);
  });
}

async function showProgress(file, work) {
  if (!file.size) return showWarning(`${file.name} is empty.`);
  document.body.style.cursor = "progress";
  try {
    await work();
  } catch (error) {
    showError(error);
  }
  document.body.style.cursor = "";
}

/** Guess the kind of a file: PNG files with a palette or in greyscale are masks, other images are photos. */
async function isPhoto(file) {
  if (file.type === "application/json" || file.name.endsWith(".json")) return false;
  const header = new Uint8Array(await file.slice(0, PNG_COLOR_TYPE + 1).arrayBuffer());
  const isPng = PNG_SIGNATURE.every((byte, index) => header[index] === byte);
  return !isPng || ![GREYSCALE, PALETTE].includes(header[PNG_COLOR_TYPE]);
}

/** Cut the part of a photo that the server read: {left, top, side} in fractions of the longer side. */
async function cutPhoto(file, { left, top, side }) {
  const bitmap = await createImageBitmap(file);
  const longer = Math.max(bitmap.width, bitmap.height);
  const [x, y, length] = [left, top, side].map((value) => Math.round(value * longer));
  const size = { resizeWidth: PHOTO_SIZE, resizeHeight: PHOTO_SIZE, resizeQuality: "high" };
  return createImageBitmap(bitmap, x, y, length, length, size);
}
