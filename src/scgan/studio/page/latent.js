// The latent: a seed, another one at a click, and the way between two that were kept.

import { byId } from "./dom.js";

export const randomSeed = () => Math.floor(Math.random() * 1_000_000);

export class Latent {
  #store;
  #kept = [null, null];
  locked = false;

  constructor(store) {
    this.#store = store;
    const seed = byId("seed");
    seed.addEventListener("change", () => {
      if (seed.value !== "" && seed.validity.valid) store.change({ latent: { seed: Number(seed.value) } });
      this.#show();
    });
    byId("shuffle").addEventListener("click", () => this.shuffle());
    byId("lock").addEventListener("click", () => {
      this.locked = !this.locked;
      this.#show();
    });
    byId("keep-first").addEventListener("click", () => this.#keep(0));
    byId("keep-second").addEventListener("click", () => this.#keep(1));
    const blend = byId("blend");
    blend.addEventListener("input", () => {
      const [seed_a, seed_b] = this.#kept;
      store.preview({ latent: { seed_a, seed_b, t: blend.value / 100 } });
    });
    blend.addEventListener("change", () => store.commit());
    store.addEventListener("change", () => this.#show());
  }

  shuffle() {
    if (!this.locked) this.#store.change({ latent: { seed: randomSeed() } });
  }

  #keep(place) {
    this.#kept[place] = this.#store.present.latent.seed;
    this.#show();
  }

  #show() {
    const { latent } = this.#store.present;
    const isBlend = !("seed" in latent);
    if (isBlend) this.#kept = [latent.seed_a, latent.seed_b];
    byId("seed").value = isBlend ? "" : latent.seed;
    byId("seed").placeholder = isBlend ? "blend" : "";
    byId("first-seed").textContent = this.#kept[0] ?? "empty";
    byId("second-seed").textContent = this.#kept[1] ?? "empty";
    for (const id of ["keep-first", "keep-second"]) byId(id).disabled = isBlend;
    byId("blend").disabled = this.locked || this.#kept.includes(null);
    byId("blend").value = 100 * (isBlend ? latent.t : Number(latent.seed === this.#kept[1]));
    byId("blend-value").textContent = isBlend ? `${Math.round(100 * latent.t)} %` : "";
    byId("shuffle").disabled = byId("seed").disabled = this.locked;
    byId("lock").setAttribute("aria-pressed", this.locked);
  }
}
