// Two saved styles, and a slider that blends them.

import { element, slider } from "../dom.js";

export default function styleBlend(studio) {
  const { store } = studio;
  let seeds = [null, null];
  const slots = seeds.map((_, index) => {
    const output = element("small", { id: `style-${index + 1}-seed` });
    const title = `Save this seed as style ${index + 1}`;
    const properties = { type: "button", id: `save-style-${index + 1}`, title };
    const button = element("button", properties, element("span", {}, `Save style ${index + 1}`), output);
    button.addEventListener("click", () => {
      seeds[index] = store.present.latent.seed;
      show();
    });
    return { button, output };
  });
  const blend = slider({ text: "Blend styles 1 and 2", id: "blend", min: 0, max: 100, value: 0, disabled: true });
  blend.input.addEventListener("input", () => {
    const [seed_a, seed_b] = seeds;
    store.preview({ latent: { seed_a, seed_b, t: blend.input.value / 100 } });
  });
  blend.input.addEventListener("change", () => store.commit());

  const show = () => {
    const { latent } = store.present;
    const isBlend = !("seed" in latent);
    if (isBlend) seeds = [latent.seed_a, latent.seed_b];
    slots.forEach(({ button, output }, index) => {
      button.disabled = isBlend;
      output.textContent = seeds[index] === null ? "empty" : `seed ${seeds[index]}`;
    });
    blend.input.disabled = studio.isStyleLocked || seeds.includes(null);
    blend.input.value = 100 * (isBlend ? latent.t : Number(latent.seed === seeds[1]));
    blend.output.textContent = isBlend ? `${Math.round(100 * latent.t)} %` : "";
  };
  store.addEventListener("change", show);
  studio.addEventListener("style-lock", show);
  return [element("div", { className: "saved-styles" }, ...slots.map(({ button }) => button)), blend.label];
}
