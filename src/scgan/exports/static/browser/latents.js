// Latents as seeds, or as blends of two seeds.

import { sampleLatent } from "./random.js";
import { slerp } from "./vectors.js";

/** Convert {seed} or {seed_a, seed_b, t} to a vector. */
export function latentVector(latent, size) {
  if ("seed" in latent) return sampleLatent(latent.seed, size);
  const { seed_a, seed_b, t } = latent;
  return slerp(sampleLatent(seed_a, size), sampleLatent(seed_b, size), t);
}
