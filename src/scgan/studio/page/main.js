// The page: put the parts together, and open a model.

import { getJson } from "./api.js";
import { Attributes } from "./attributes.js";
import { byId, check, element } from "./dom.js";
import { Editor } from "./editor.js";
import { MIRROR, movedPhoto } from "./faces.js";
import { Files } from "./files.js";
import { startKeys } from "./keys.js";
import { Latent, randomSeed } from "./latent.js";
import { maskState, mirrored, pixelState } from "./masks.js";
import { onReturn, tell, warn } from "./notices.js";
import { Paint } from "./paint.js";
import { Points } from "./points.js";
import { Result } from "./result.js";
import { History, Variations, exampleState, showExamples, startTabs } from "./shelf.js";
import { Store } from "./store.js";
import { Way } from "./way.js";

const HELP = {
  paint: "Drag to paint. With the keyboard: arrow keys move the cross, space uses the tool there.",
  points: "Drag points. With the keyboard: comma and full stop choose a point, arrow keys move it.",
};

const store = new Store();
const editor = new Editor();
const latent = new Latent(store);
const attributes = new Attributes(store);
const paint = new Paint(store, editor);
const points = new Points(store, editor);
const result = new Result(store);
const way = new Way(store, result, editor);
const history = new History(store, result);
const variations = new Variations(store, latent);
const files = new Files(store, result, latent, points);
let models = [];
let model = null;

store.addEventListener("change", () => {
  const { mask, photo } = store.present;
  editor.show(mask);
  editor.setPhoto(photo);
  byId("photo-slider").hidden = !photo;
  byId("undo").disabled = !store.canUndo;
  byId("redo").disabled = !store.canRedo;
});

function showMode(mode) {
  if (mode === "points" && !model.model_schema.landmarks) return;
  check("mode", mode);
  byId("paint-tools").hidden = mode !== "paint";
  byId("point-tools").hidden = mode !== "points";
  byId("mask-help").textContent = HELP[mode];
  editor.tool = mode === "paint" ? paint : points;
  editor.redraw();
}

function mirror() {
  const { mask, landmarks, painted, photo } = store.present;
  if (landmarks && !painted) return points.transform({ mirror: true });
  const { image_size, class_names, mirrored_classes } = model.model_schema;
  const pairs = mirrored_classes.map((pair) => pair.map((name) => class_names.indexOf(name)));
  store.change({ ...pixelState(mirrored(mask, image_size, pairs)), photo: movedPhoto(photo, MIRROR) });
}

async function openModel(chosen) {
  const examples = await getJson(`models/${chosen.id}/examples`);
  if (byId("model").value !== chosen.id) return; // another one was chosen meanwhile
  const same = model && JSON.stringify(model.model_schema) === JSON.stringify(chosen.model_schema);
  model = chosen;
  const schema = model.model_schema;
  byId("model-facts").textContent = `${schema.image_size} × ${schema.image_size}, ${model.step.toLocaleString()} steps`;
  for (const part of [points, result, files, variations, history]) part.open(model);
  if (!same) {
    for (const part of [editor, paint, attributes]) part.open(schema);
  }
  showExamples(model, examples, (example) => store.change(exampleState(example)));
  if (!same) {
    store.reset({ latent: { seed: randomSeed() }, ...startState(schema, examples) });
    byId("modes").hidden = !schema.landmarks;
    showMode(schema.landmarks ? "points" : "paint");
    byId("new-face").onclick = () => store.change({ ...maskState(examples[0]), photo: null });
  } else {
    result.refresh();
  }
  way.open(model);
  byId("studio").setAttribute("aria-busy", "false");
}

function startState(schema, examples) {
  if (examples.length) return exampleState(examples[0]);
  return { ...pixelState(new Uint8Array(schema.image_size ** 2)), photo: null, attributes: {} };
}

async function start() {
  models = await getJson("models");
  const choice = byId("model");
  choice.replaceChildren(...models.map(({ id, name }) => element("option", { value: id }, name)));
  byId("model-choice").hidden = models.length < 2;
  await openModel(models[0]);
}

function startTheme() {
  const root = document.documentElement;
  const saved = localStorage.getItem("theme");
  if (saved) root.dataset.theme = saved;
  byId("theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

startTheme();
startTabs();
byId("model").addEventListener("change", () => {
  openModel(models.find(({ id }) => id === byId("model").value)).catch((error) => {
    if (model) byId("model").value = model.id;
    tell(error);
  });
});
for (const input of document.querySelectorAll('input[name="mode"]')) {
  input.addEventListener("change", () => showMode(input.value));
}
for (const input of document.querySelectorAll('input[name="tool"], input[name="reach"]')) {
  input.addEventListener("change", () => editor.redraw());
}
byId("photo-amount").addEventListener("input", () => editor.setPhotoAmount(byId("photo-amount").value / 100));
byId("undo").addEventListener("click", () => store.undo());
byId("redo").addEventListener("click", () => store.redo());
byId("mirror").addEventListener("click", mirror);
byId("place-face").addEventListener("click", () => points.transform({ place: true }));
addEventListener("click", (event) => {
  if (!byId("save").contains(event.target)) byId("save").open = false;
});
addEventListener("beforeunload", (event) => {
  if (store.canUndo) event.preventDefault(); // the browser then asks: nothing of this is stored
});
startKeys({ store, editor, paint, mirror, latent, showMode, variations: () => (byId("tab-variations").click(), variations.make()) });
addEventListener("unhandledrejection", (event) => warn(`Something went wrong on this page: ${event.reason?.message}`));
onReturn(() => {
  if (!model) start().catch(tell);
});
start().catch(tell);
