// Seed of the latent, a button that draws another one, and a lock.

import { button, element, iconButton } from "../dom.js";

const MAX_SEED = Number.MAX_SAFE_INTEGER;

export default function seedControls(studio) {
  const { store, keys } = studio;
  const seed = element("input", { type: "number", id: "seed", min: 0, max: MAX_SEED, step: 1, inputMode: "numeric" });
  const label = element("label", { className: "seed" }, element("span", {}, "Seed"), seed);
  const onclick = () => studio.shuffleStyle();
  const shuffle = button({ id: "shuffle", icon: "shuffle", text: "Shuffle", title: "Random seed (R)", onclick });
  const lock = iconButton({
    id: "lock",
    icon: "lock",
    label: "Lock the style",
    hint: "shuffle, variations and files keep it",
    onclick: () => studio.setStyleLock(!studio.isStyleLocked),
  });
  keys.add("r", "Shuffle the style", onclick);

  const show = () => {
    const { latent } = store.present;
    const isBlend = !("seed" in latent);
    seed.value = isBlend ? "" : latent.seed;
    seed.placeholder = isBlend ? "blend" : "";
    shuffle.disabled = seed.disabled = studio.isStyleLocked;
    lock.ariaPressed = studio.isStyleLocked;
  };
  seed.addEventListener("change", () => {
    if (seed.value !== "" && seed.validity.valid) store.change({ latent: { seed: Number(seed.value) } });
    show();
  });
  store.addEventListener("change", show);
  studio.addEventListener("style-lock", show);
  return element("div", { className: "row" }, label, shuffle, lock);
}
