// The 68 points of a face: names, parts, and the lines between them.

const range = (start, stop) => Array.from({ length: stop - start }, (_, index) => start + index);

export const PARTS = [
  { name: "jaw", points: range(0, 17), closed: false },
  { name: "left brow", points: range(17, 22), closed: false },
  { name: "right brow", points: range(22, 27), closed: false },
  { name: "nose", points: range(27, 36), closed: false },
  { name: "left eye", points: range(36, 42), closed: true },
  { name: "right eye", points: range(42, 48), closed: true },
  { name: "mouth", points: range(48, 68), closed: false },
];

export const LINES = [
  ...PARTS.filter((part) => part.name !== "mouth"),
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

export const partOf = (point) => PARTS.find((part) => part.points.includes(point));

export function nameOf(point) {
  return NAMES[point] ? `${NAMES[point]} (point ${point})` : `point ${point}, ${partOf(point).name}`;
}

/** Points that are moved with one of them: how far each goes, as a share of its way. */
export function weights(landmarks, point, reach) {
  if (reach === "point") return new Map([[point, 1]]);
  if (reach === "face") return new Map(landmarks.map((_, other) => [other, 1]));
  const { points } = partOf(point);
  if (reach === "part") return new Map(points.map((other) => [other, 1]));
  const width = Math.hypot(landmarks[16][0] - landmarks[0][0], landmarks[16][1] - landmarks[0][1]);
  const near = 0.12 * width || 0.05;
  const [x, y] = landmarks[point];
  return new Map(
    points.map((other) => {
      const distance = Math.hypot(landmarks[other][0] - x, landmarks[other][1] - y) / near;
      return [other, Math.exp(-distance * distance)];
    }),
  );
}

/** What mirrors points given in shares of the mask. */
export const MIRROR = new DOMMatrix([-1, 0, 0, 1, 1, 0]);

/** Factor, turn and shift that take one face to another of the same form. */
export function similarity(from, to) {
  const way = (points) => [points[16][0] - points[0][0], points[16][1] - points[0][1]];
  const [[u, v], [s, t]] = [way(from), way(to)];
  const length = u * u + v * v;
  const [a, b] = [(s * u + t * v) / length, (t * u - s * v) / length];
  const [[px, py], [qx, qy]] = [from[0], to[0]];
  return new DOMMatrix([a, b, -b, a, qx - (a * px - b * py), qy - (b * px + a * py)]);
}

/** A state's photo, if it has one, moved as the mask below it is. */
export function movedPhoto(photo, move) {
  return photo && { ...photo, transform: move.multiply(photo.transform) };
}

export function moved(landmarks, shares, [dx, dy]) {
  const bounded = (value) => Math.min(1.5, Math.max(-0.5, value));
  return landmarks.map(([x, y], point) => {
    const share = shares.get(point) ?? 0;
    return share ? [bounded(x + share * dx), bounded(y + share * dy)] : [x, y];
  });
}
