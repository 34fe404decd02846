// Files in and out: masks, photos, pictures, and the JSON from which a picture can be made again.

import { postFile, postForBlob, postJson } from "./api.js";
import { byId, download } from "./dom.js";
import { similarity } from "./faces.js";
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

  constructor(store, result, latent, points) {
    this.#points = points;
    this.#store = store;
    this.#result = result;
    this.#latent = latent;
    this.#choose("open-file", "file-input", (file) => this.#open(file));
    this.#choose("open-photo", "photo-input", (file) => this.#openPhoto(file));
    // The picture may be one behind: that of the present state is still made.
    this.#save("save-picture", "png", () => result.shown.state, () => result.shown.blob);
    const present = () => store.present;
    this.#save("save-mask", "mask.png", present, (state) => {
      const { segmentation } = condition(state);
      return postForBlob(`models/${this.#model.id}/mask`, { segmentation });
    });
    this.#save("save-manifest", "json", present, async (state) => {
      const content = await postJson(`models/${this.#model.id}/manifest`, condition(state));
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

  /** `find` says of which state a file is made, and named after. */
  #save(button, suffix, find, make) {
    byId(button).addEventListener("click", async () => {
      byId("save").open = false;
      if (!this.#result.shown) return;
      const state = find();
      const name = `${this.#model.name}-${latentText(state.latent).replace(/\W+/g, "-").replace(/-$/, "")}`;
      try {
        download(await make(state), `${name}.${suffix}`);
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
    const model = this.#model;
    await this.#busily(file, async () => {
      const opened = await postFile(`models/${model.id}/open`, file);
      if (model !== this.#model) return; // another one was chosen meanwhile
      const { attributes, latent } = opened;
      const patch = maskState(opened);
      if (opened.has_look) Object.assign(patch, { attributes }, this.#latent.locked ? {} : { latent });
      this.#store.change({ ...patch, photo: null });
      if (opened.remark) warn(opened.remark, { stays: true });
    });
  }

  async #openPhoto(file) {
    const model = this.#model;
    const { id, can_detect, can_segment } = model;
    if (!can_detect && !can_segment) return warn("This model finds neither points nor classes in photos: open a mask.");
    await this.#busily(file, async () => {
      const bitmap = await square(file).catch(() => null); // the server may read formats that the browser does not
      const found = await postFile(`models/${id}/${can_detect ? "landmarks" : "segment"}`, file);
      // Where a model has learned faces to be it makes the best ones.
      const placed = can_detect ? await this.#points.placed(found.landmarks) : found;
      if (model !== this.#model) return; // another one was chosen meanwhile
      const transform = can_detect ? similarity(found.landmarks, placed.landmarks) : new DOMMatrix();
      this.#store.change({ ...maskState(placed), photo: bitmap && { bitmap, transform } });
    });
  }

  async #busily(file, work) {
    if (!file.size) return warn(`${file.name} is empty.`);
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
