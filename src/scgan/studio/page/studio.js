// The studio: the open model, the editing state, and the actions that several controls share.

import { listExamples } from "./api.js";
import { byId } from "./dom.js";
import { Editor } from "./editor.js";
import { FaceDrawing } from "./face-drawing.js";
import { Keys } from "./keys.js";
import { flipPhoto } from "./landmarks.js";
import { maskPatch, mirrorMask, serverMaskPatch } from "./masks.js";
import { Result } from "./result.js";
import { Store } from "./store.js";
import { PhotoEditing } from "./photo-editing.js";
import { PaintTool } from "./tools/paint.js";
import { PointsTool } from "./tools/points.js";

const MODES = ["points", "paint"];

export const randomSeed = () => Math.floor(Math.random() * 1_000_000);

/** State patch for an example of the model. */
export function examplePatch(example) {
  return { ...serverMaskPatch(example), attributes: example.attributes, photo: null };
}

export class Studio extends EventTarget {
  store = new Store();
  keys = new Keys(this.store);
  editor = new Editor();
  models = [];
  model = null;
  examples = [];
  mode = null;
  isStyleLocked = false;

  constructor() {
    super();
    this.onSchema((schema) => this.editor.open(schema));
    this.photos = new PhotoEditing(this);
    this.result = new Result(this);
    this.face = new FaceDrawing(this);
    this.paintTool = new PaintTool(this);
    this.pointsTool = new PointsTool(this);
    this.store.addEventListener("change", () => {
      this.editor.show(this.store.present.mask);
      this.editor.setPhoto(this.store.present.photo);
    });
  }

  /** The model's image size, classes and attributes. */
  get schema() {
    return this.model.model_schema;
  }

  /** Call a function whenever a model with another schema is opened, before it has a state. */
  onSchema(action) {
    this.addEventListener("schema", () => action(this.schema));
  }

  /** Call a function whenever another model is opened. With the same schema, the state stays. */
  onModel(action) {
    this.addEventListener("model", () => action(this.model));
  }

  /** Call a function whenever a model is closed, before another one is opened. */
  onClose(action) {
    this.addEventListener("close", () => action());
  }

  async openModel(model) {
    const examples = await listExamples(model);
    if (this.requestedId !== model.id) return; // another model was chosen in the meantime
    if (this.model) this.dispatchEvent(new Event("close"));
    const hasSameSchema = this.model && this.#hasSameSchema(model);
    this.model = model;
    this.examples = examples;
    if (!hasSameSchema) this.dispatchEvent(new Event("schema"));
    this.dispatchEvent(new Event("model"));
    if (hasSameSchema) {
      this.result.refresh();
    } else {
      this.store.reset({ latent: { seed: randomSeed() }, ...this.#initialPatch() });
      this.setMode(this.schema.landmarks ? "points" : "paint");
    }
    byId("studio").setAttribute("aria-busy", "false");
  }

  #hasSameSchema(model) {
    return JSON.stringify(this.schema) === JSON.stringify(model.model_schema);
  }

  /** True if the person has changed something that another model cannot keep. */
  losesWork(model) {
    return this.store.canUndo && !this.#hasSameSchema(model);
  }

  /** Id of the model that the person chose last. */
  requestedId = null;

  #initialPatch() {
    if (this.examples.length) return examplePatch(this.examples[0]);
    return { ...maskPatch(new Uint8Array(this.schema.image_size ** 2)), photo: null, attributes: {} };
  }

  /** Edit the mask by "points" or "paint". */
  setMode(mode) {
    if (mode === "points" && !this.schema.landmarks) return;
    this.mode = mode;
    for (const name of MODES) byId(`${name}-controls`).hidden = name !== mode;
    this.editor.tool = mode === "paint" ? this.paintTool : this.pointsTool;
    byId("mask-help").textContent = this.editor.tool.help;
    this.editor.redraw();
    this.dispatchEvent(new Event("mode"));
  }

  mirror() {
    const { mask, landmarks, painted, photo } = this.store.present;
    if (landmarks && !painted) return this.face.transform({ mirror: true });
    const { image_size, class_names, mirrored_classes } = this.schema;
    const pairs = mirrored_classes.map((pair) => pair.map((name) => class_names.indexOf(name)));
    const mirroredMask = mirrorMask(mask, image_size, pairs);
    return this.store.change({ ...maskPatch(mirroredMask), photo: flipPhoto(photo) });
  }

  shuffleStyle() {
    if (!this.isStyleLocked) this.store.change({ latent: { seed: randomSeed() } });
  }

  /** A locked style is not changed by shuffling, variations and files. */
  setStyleLock(isLocked) {
    this.isStyleLocked = isLocked;
    this.dispatchEvent(new Event("style-lock"));
  }
}
