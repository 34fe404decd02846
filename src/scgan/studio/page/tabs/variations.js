// Twelve images of the present mask, with other styles, other attributes, or both.

import { generateImages } from "../api.js";
import { button, element, radioGroup, readable } from "../dom.js";
import { card, selectTab, strip } from "../gallery.js";
import { toBase64 } from "../masks.js";
import { announce, showError, showWarning } from "../notices.js";
import { randomSeed } from "../studio.js";

export const title = "Variations";

const COUNT = 12;

export default function variations(studio) {
  const list = strip("variation-strip", `${COUNT} images of this mask appear here.`);
  let kind = "latent";
  const choice = radioGroup({
    name: "vary",
    legend: "Vary",
    value: kind,
    options: [
      { value: "latent", text: "Style" },
      { value: "attributes", text: "Attributes" },
      { value: "both", text: "Both" },
    ],
    change: (value) => (kind = value),
  });
  const generate = button({
    id: "generate-variations",
    icon: "variations",
    text: `Generate ${COUNT}`,
    title: `Generate ${COUNT} variations (V)`,
    onclick: () => showVariations(studio, kind, list, generate),
  });
  studio.onModel((model) => {
    list.replaceChildren();
    const hasAttributes = model.model_schema.attribute_names.length > 0;
    for (const input of choice.inputs) input.disabled = !hasAttributes && input.value !== "latent";
    if (!hasAttributes) choice.select((kind = "latent"));
  });
  studio.keys.add("v", `Generate ${COUNT} variations`, () => {
    selectTab("variations");
    generate.click();
  });
  return [element("div", { className: "row" }, choice.fieldset, generate), list];
}

async function showVariations(studio, kind, list, button) {
  if (kind === "latent" && studio.isStyleLocked) {
    return showWarning("The style is locked: unlock it, or vary the attributes.");
  }
  const { model, store } = studio;
  const appearances = createAppearances(studio, kind);
  button.disabled = true;
  try {
    const inputs = appearances.map(({ attributes, latent }) => ({ attributes, latent }));
    const images = await generateImages(model, toBase64(store.present.mask), inputs);
    if (model !== studio.model) return; // another model was opened in the meantime
    const cards = images.map((image, index) => {
      const { description, caption, attributes, latent } = appearances[index];
      return card({
        image: element("img", { src: image, alt: "" }),
        title: `Use this variation: ${description}`,
        caption,
        click: () => store.change({ attributes, latent }),
      });
    });
    list.replaceChildren(...cards);
    announce(`${cards.length} variations generated.`);
  } catch (error) {
    showError(error);
  } finally {
    button.disabled = false;
  }
}

/** Create the appearances of the variations: [{attributes, latent, description, caption}]. */
function createAppearances(studio, kind) {
  const { attributes, latent } = studio.store.present;
  const changes = kind === "latent" ? [] : attributeChanges(attributes, studio.schema);
  const count = kind === "attributes" ? changes.length : COUNT;
  return Array.from({ length: count }, (_, index) => {
    const change = changes[index % changes.length];
    const isNewStyle = kind !== "attributes" && !studio.isStyleLocked;
    const newLatent = isNewStyle ? { seed: randomSeed() } : latent;
    const words = [change?.description, isNewStyle && `seed ${newLatent.seed}`].filter(Boolean);
    return {
      description: words.join(", "),
      caption: words[0],
      attributes: change?.attributes ?? attributes,
      latent: newLatent,
    };
  });
}

/** Create up to twelve sets of attributes near the present ones: single changes first, then pairs of changes. */
function attributeChanges(attributes, { attribute_names, attribute_groups }) {
  const groupOf = (name) => attribute_groups.find((group) => group.includes(name));
  const toggle = (start, name) => {
    const isOn = (start[name] ?? 0) < 0.5;
    const cleared = Object.fromEntries((groupOf(name) ?? []).map((other) => [other, 0]));
    const changed = { ...start, ...cleared, [name]: isOn ? 1 : 0 };
    return { description: `${isOn ? "" : "not "}${readable(name)}`, attributes: changed };
  };
  // An attribute of a group is replaced by another one, never removed.
  const names = attribute_names.filter((name) => !groupOf(name) || (attributes[name] ?? 0) < 0.5);
  const single = names.map((name) => toggle(attributes, name));
  const pairs = names.flatMap((name, index) =>
    names.slice(index + 1).flatMap((other) => {
      if (groupOf(name) && groupOf(name) === groupOf(other)) return [];
      const first = toggle(attributes, name);
      const second = toggle(first.attributes, other);
      return [{ description: `${first.description}, ${second.description}`, attributes: second.attributes }];
    }),
  );
  return [...single, ...pairs].slice(0, COUNT);
}
