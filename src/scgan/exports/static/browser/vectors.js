// Interpolation of vectors.

export const lerp = (start, end, t) => start.map((value, index) => (1 - t) * value + t * end[index]);

/** Interpolate on an arc around the origin, with lengths that change linearly, as utils/vectors.py does. */
export function slerp(start, end, t) {
  const lengths = [start, end].map((vector) => Math.hypot(...vector));
  const [first, last] = [start, end].map((vector, index) => [...vector].map((value) => value / lengths[index]));
  const cosine = first.reduce((sum, value, index) => sum + value * last[index], 0);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  if (angle < 1e-4) return lerp(start, end, t);
  const weights = [Math.sin((1 - t) * angle), Math.sin(t * angle)].map((value) => value / Math.sin(angle));
  const length = (1 - t) * lengths[0] + t * lengths[1];
  return Float32Array.from(first, (value, index) => length * (weights[0] * value + weights[1] * last[index]));
}
