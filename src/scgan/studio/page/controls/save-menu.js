// Menu that saves the image, the mask, or a JSON file with all inputs.

import { encodeMask, writeManifest } from "../api.js";
import { download, element, icon } from "../dom.js";
import { showError } from "../notices.js";
import { imageSpec, latentText } from "../result.js";

// `state` selects the state that the file and its name belong to: the shown image may be older than the present state.
const ITEMS = [
  {
    id: "save-image",
    text: "Image",
    note: "PNG",
    suffix: "png", // or jpg, of a photo
    state: ({ result }) => result.current.state,
    content: ({ result }) => result.current.blob,
  },
  {
    id: "save-mask",
    text: "Mask",
    note: "PNG, class indices",
    suffix: "mask.png",
    state: ({ store }) => store.present,
    content: ({ model }, state) => encodeMask(model, imageSpec(state).segmentation),
  },
  {
    id: "save-manifest",
    text: "All inputs",
    note: "JSON, to generate the image again",
    suffix: "json",
    state: ({ store }) => store.present,
    content: async ({ model }, state) => {
      const manifest = await writeManifest(model, imageSpec(state));
      return new Blob([JSON.stringify(manifest, null, 1)], { type: "application/json" });
    },
  },
];

export default function saveMenu(studio) {
  const summary = element("summary", { className: "button", title: "Save" }, icon("save"), element("span", {}, "Save"));
  const list = element("div", { className: "menu-items" });
  const menu = element("details", { className: "menu", id: "save" }, summary, list);
  for (const item of ITEMS) {
    const button = element("button", { type: "button", id: item.id }, item.text, " ", element("small", {}, item.note));
    button.addEventListener("click", () => {
      menu.open = false;
      save(studio, item);
    });
    list.append(button);
  }
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  return menu;
}

async function save(studio, { suffix, state: selectState, content }) {
  if (!studio.result.current) return;
  const state = selectState(studio);
  const name = `${studio.model.name}-${latentText(state.latent).replace(/\W+/g, "-").replace(/-$/, "")}`;
  try {
    const file = await content(studio, state);
    download(file, `${name}.${file.type === "image/jpeg" ? "jpg" : suffix}`);
  } catch (error) {
    showError(error);
  }
}
