// Files in and out: masks, photos, pictures, and the JSON from which a picture can be made again.

import { postFile, postForBlob, postJson } from "./api.js";
import { byId, download } from "./dom.js";
import { maskState } from "./masks.js";
import { tell, warn } from "./notices.js";
import { condition, latentText } from "./result.js";

const PNG_START = [0x89, 0x50, 0x4e, 0x47];
const PNG_COLOR_TYPE = 25; // its place in the file
const GREY = 0;
const PALETTE = 3;

export class Files {
  #store;
  #result;
  #latent;
  #points;
  #model;
  #showPhoto;

  /** `showPhoto(bitmap or null, landmarks in it, landmarks on the mask)` puts a photo over the mask. */
  constructor(store, result, latent, points, showPhoto) {
    this.#points = points;
    this.#store = store;
    this.#result = result;
    this.#latent = latent;
    this.#showPhoto = showPhoto;
    this.#choose("open-file", "file-input", (file) => this.#open(file));
    this.#choose("open-photo", "photo-input", (file) => this.#openPhoto(file));
    this.#save("save-picture", "png", async () => this.#result.shown.blob);
    this.#save("save-mask", "mask.png", () => {
      const { segmentation } = condition(store.present);
      return postForBlob(`models/${this.#model.id}/mask`, { segmentation });
    });
    this.#save("save-manifest", "json", async () => {
      const content = await postJson(`models/${this.#model.id}/manifest`, condition(store.present));
      return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
    });
    this.#takeDrops();
  }

  open(model) {
    this.#model = model;
    byId("open-photo").hidden = !model.can_detect && !model.can_segment;
  }

  #choose(button, input, act) {
    byId(button).addEventListener("click", () => byId(input).click());
    byId(input).addEventListener("change", () => {
      const [file] = byId(input).files;
      byId(input).value = "";
      if (file) act(file);
    });
  }

  #save(button, suffix, make) {
    byId(button).addEventListener("click", async () => {
      byId("save").open = false;
      if (!this.#result.shown) return;
      const { latent } = this.#store.present;
      const name = `${this.#model.name}-${latentText(latent).replace(/\W+/g, "-").replace(/-$/, "")}`;
      try {
        download(await make(), `${name}.${suffix}`);
      } catch (error) {
        tell(error);
      }
    });
  }

  #takeDrops() {
    let depth = 0; // every element below the pointer has its own enter and leave
    const show = (change) => {
      depth = Math.max(0, depth + change);
      byId("drop").hidden = depth === 0;
    };
    addEventListener("dragenter", (event) => {
      if (event.dataTransfer.types.includes("Files")) show(1);
    });
    addEventListener("dragleave", () => show(-1));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", async (event) => {
      event.preventDefault();
      show(-depth);
      const [file] = event.dataTransfer.files;
      if (file) (await isPhoto(file)) ? this.#openPhoto(file) : this.#open(file);
    });
  }

  async #open(file) {
    await this.#busily(async () => {
      const opened = await postFile(`models/${this.#model.id}/open`, file);
      const { attributes, latent } = opened;
      const patch = maskState(opened);
      if (opened.has_look) Object.assign(patch, { attributes }, this.#latent.locked ? {} : { latent });
      this.#showPhoto(null);
      this.#store.change(patch);
      if (opened.remark) warn(opened.remark);
    });
  }

  async #openPhoto(file) {
    const { id, can_detect, can_segment } = this.#model;
    if (!can_detect && !can_segment) return warn("This model finds neither points nor classes in photos: open a mask.");
    await this.#busily(async () => {
      const photo = await square(file).catch(() => null); // the server may read formats that the browser does not
      const found = await postFile(`models/${id}/${can_detect ? "landmarks" : "segment"}`, file);
      if (can_detect) {
        // Where a model has learned faces to be it makes the best ones.
        const placed = await this.#points.placed(found.landmarks);
        this.#showPhoto(photo, found.landmarks, placed.landmarks);
        this.#store.change(maskState(placed));
      } else {
        this.#showPhoto(photo);
        this.#store.change(maskState(found));
      }
    });
  }

  async #busily(work) {
    document.body.style.cursor = "progress";
    try {
      await work();
    } catch (error) {
      tell(error);
    }
    document.body.style.cursor = "";
  }
}

/** Masks are PNGs with a palette or in grey; colour masks are opened with the button. */
async function isPhoto(file) {
  if (file.type === "application/json" || file.name.endsWith(".json")) return false;
  const start = new Uint8Array(await file.slice(0, PNG_COLOR_TYPE + 1).arrayBuffer());
  const isPng = PNG_START.every((byte, place) => start[place] === byte);
  return !isPng || ![GREY, PALETTE].includes(start[PNG_COLOR_TYPE]);
}

/** The central square of a photo, which is what the server looks at. */
async function square(file) {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [bitmap.width, bitmap.height].map((length) => Math.floor((length - side) / 2));
  return createImageBitmap(bitmap, left, top, side, side, { resizeWidth: 512, resizeHeight: 512, resizeQuality: "high" });
}
