// 68 facial landmarks: features, names, lines, and geometry.

const range = (start, stop) => Array.from({ length: stop - start }, (_, index) => start + index);

const FEATURES = [
  { name: "jaw", points: range(0, 17), closed: false },
  { name: "left brow", points: range(17, 22), closed: false },
  { name: "right brow", points: range(22, 27), closed: false },
  { name: "nose", points: range(27, 36), closed: false },
  { name: "left eye", points: range(36, 42), closed: true },
  { name: "right eye", points: range(42, 48), closed: true },
  { name: "mouth", points: range(48, 68), closed: false },
];

export const LINES = [
  ...FEATURES.filter((feature) => feature.name !== "mouth"),
  { points: range(48, 60), closed: true },
  { points: range(60, 68), closed: true },
];

const NAMES = {
  0: "left end of the jaw",
  8: "chin",
  16: "right end of the jaw",
  30: "tip of the nose",
  36: "outer corner of the left eye",
  39: "inner corner of the left eye",
  42: "inner corner of the right eye",
  45: "outer corner of the right eye",
  48: "left mouth corner",
  51: "middle of the upper lip",
  54: "right mouth corner",
  57: "middle of the lower lip",
};

const featureOf = (point) => FEATURES.find((feature) => feature.points.includes(point));

export function pointName(point) {
  return NAMES[point] ? `${NAMES[point]} (point ${point})` : `point ${point}, ${featureOf(point).name}`;
}

/** Weights of the points that move when one is dragged: {point: weight in 0 … 1}. */
export function dragWeights(landmarks, point, reach) {
  if (reach === "point") return new Map([[point, 1]]);
  if (reach === "face") return new Map(landmarks.map((_, other) => [other, 1]));
  const { points } = featureOf(point);
  if (reach === "feature") return new Map(points.map((other) => [other, 1]));
  const width = Math.hypot(landmarks[16][0] - landmarks[0][0], landmarks[16][1] - landmarks[0][1]);
  const radius = 0.12 * width || 0.05;
  const [x, y] = landmarks[point];
  return new Map(
    points.map((other) => {
      const distance = Math.hypot(landmarks[other][0] - x, landmarks[other][1] - y) / radius;
      return [other, Math.exp(-distance * distance)];
    }),
  );
}

/** Horizontal flip of points given as fractions of the mask. */
const MIRROR = new DOMMatrix([-1, 0, 0, 1, 1, 0]);

/** Similarity transform (scale, rotation, translation) from one face to another of the same shape. */
export function similarity(from, to) {
  const jawVector = (points) => [points[16][0] - points[0][0], points[16][1] - points[0][1]];
  const [[u, v], [s, t]] = [jawVector(from), jawVector(to)];
  const length = u * u + v * v;
  const [a, b] = [(s * u + t * v) / length, (t * u - s * v) / length];
  const [[px, py], [qx, qy]] = [from[0], to[0]];
  return new DOMMatrix([a, b, -b, a, qx - (a * px - b * py), qy - (b * px + a * py)]);
}

/** Apply a transform to a photo; null stays null. */
export function transformPhoto(photo, transform) {
  return photo && { ...photo, transform: transform.multiply(photo.transform) };
}

/** Flip a photo horizontally. It is then only shown over the mask: a flipped face is no edit of the photo. */
export function flipPhoto(photo) {
  return photo && { ...transformPhoto(photo, MIRROR), key: null };
}

/** Move landmarks by an offset times their weights. */
export function movePoints(landmarks, weights, [dx, dy]) {
  const bounded = (value) => Math.min(1.5, Math.max(-0.5, value));
  return landmarks.map(([x, y], point) => {
    const weight = weights.get(point) ?? 0;
    return weight ? [bounded(x + weight * dx), bounded(y + weight * dy)] : [x, y];
  });
}
