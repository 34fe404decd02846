// The shelf below: tabs, the model's examples, twelve variations, and what was there before.

import { postJson } from "./api.js";
import { byId, check, checked, element, readable } from "./dom.js";
import { randomSeed } from "./latent.js";
import { drawMask, fromBase64, maskState, toBase64 } from "./masks.js";
import { announce, tell, warn } from "./notices.js";
import { drawBitmap, sameInputs } from "./result.js";

const VARIATIONS = 12;
const MAX_HISTORY = 60;

export function startTabs() {
  const tabs = [...byId("tabs").children];
  const select = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  };
  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  });
}

/** A button with a picture in a strip. */
function card(picture, title, caption, act) {
  const button = element("button", { type: "button", title, ariaLabel: title }, picture);
  if (caption) button.append(element("small", {}, caption));
  button.addEventListener("click", act);
  return element("li", {}, button);
}

/** The patch that an example makes of a state. */
export function exampleState(example) {
  return { ...maskState(example), attributes: example.attributes, photo: null };
}

export function showExamples(model, examples, act) {
  const cards = examples.map((example, number) => {
    const canvas = document.createElement("canvas");
    drawMask(canvas, fromBase64(example.segmentation), model.model_schema);
    canvas.style.imageRendering = "pixelated";
    return card(canvas, `Start from example ${number + 1}`, "", () => act(example));
  });
  byId("example-strip").replaceChildren(...cards);
}

export class Variations {
  #store;
  #latent;
  #model;

  constructor(store, latent) {
    this.#store = store;
    this.#latent = latent;
    byId("variation-strip").dataset.empty = "Twelve pictures of this mask appear here.";
    byId("make-variations").addEventListener("click", () => this.make());
  }

  open(model) {
    this.#model = model;
    byId("variation-strip").replaceChildren();
    const some = model.model_schema.attribute_names.length > 0;
    for (const input of document.querySelectorAll('input[name="vary"]')) input.disabled = !some && input.value !== "latent";
    if (!some) check("vary", "latent");
  }

  async make() {
    const kind = checked("vary");
    if (kind === "latent" && this.#latent.locked) {
      return warn("The latent is locked: unlock it, or vary the attributes.");
    }
    const model = this.#model;
    const looks = this.#looks(kind);
    const button = byId("make-variations");
    button.disabled = true;
    try {
      const { mask } = this.#store.present;
      const body = { segmentation: toBase64(mask), looks: looks.map(({ attributes, latent }) => ({ attributes, latent })) };
      const { pictures } = await postJson(`models/${model.id}/pictures`, body);
      if (model !== this.#model) return; // another one was chosen meanwhile
      const cards = pictures.map((picture, number) => {
        const { title, caption, attributes, latent } = looks[number];
        const image = element("img", { src: `data:image/png;base64,${picture}`, alt: "" });
        return card(image, `Take this variation: ${title}`, caption, () => this.#store.change({ attributes, latent }));
      });
      byId("variation-strip").replaceChildren(...cards);
      announce(`${cards.length} variations are there.`);
    } catch (error) {
      tell(error);
    } finally {
      button.disabled = false;
    }
  }

  #looks(kind) {
    const { attributes, latent } = this.#store.present;
    const changes = kind === "latent" ? [] : this.#changes(attributes);
    const count = kind === "attributes" ? changes.length : VARIATIONS;
    return Array.from({ length: count }, (_, number) => {
      const change = changes[number % changes.length];
      const other = kind !== "attributes" && !this.#latent.locked ? { seed: randomSeed() } : latent;
      const words = [change?.title, other !== latent && `seed ${other.seed}`].filter(Boolean);
      return { title: words.join(", "), caption: words[0], attributes: change?.attributes ?? attributes, latent: other };
    });
  }

  /** Up to twelve labels near this one: single changes first, then two changes at once. */
  #changes(attributes) {
    const { attribute_names, attribute_groups } = this.#model.model_schema;
    const group = (name) => attribute_groups.find((names) => names.includes(name));
    const change = (from, name) => {
      const names = group(name);
      const on = (from[name] ?? 0) < 0.5;
      const others = names ? Object.fromEntries(names.map((other) => [other, 0])) : {};
      return { title: `${on ? "" : "not "}${readable(name)}`, attributes: { ...from, ...others, [name]: on ? 1 : 0 } };
    };
    // Of a group one is always there: it is replaced, never only left out.
    const names = attribute_names.filter((name) => !group(name) || (attributes[name] ?? 0) < 0.5);
    const single = names.map((name) => change(attributes, name));
    const pairs = names.flatMap((name, place) =>
      names.slice(place + 1).flatMap((other) => {
        if (group(name) && group(name) === group(other)) return [];
        const [one, two] = [change(attributes, name), change(change(attributes, name).attributes, other)];
        return [{ title: `${one.title}, ${two.title}`, attributes: two.attributes }];
      }),
    );
    return [...single, ...pairs].slice(0, VARIATIONS);
  }
}

export class History {
  #strip = byId("history-strip");
  #entries = [];
  #count = 0;

  constructor(store, result) {
    this.#strip.dataset.empty = "Every step that you make appears here.";
    result.addEventListener("settled", () => this.#add(store, result.shown));
  }

  open() {
    this.#count = 0;
    this.#entries = [];
    this.#strip.replaceChildren();
  }

  #add(store, { state, bitmap }) {
    if (this.#entries.some((entry) => sameInputs(entry, state))) return;
    const full = store.present;
    this.#entries.push(full);
    const canvas = document.createElement("canvas");
    drawBitmap(canvas, bitmap);
    this.#strip.prepend(card(canvas, `Go back to step ${++this.#count}`, "", () => store.change(full)));
    if (this.#strip.children.length > MAX_HISTORY) {
      this.#strip.lastElementChild.remove();
      this.#entries.shift();
    }
  }
}
