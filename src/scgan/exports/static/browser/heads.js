// Heads: 68 points as yaw, tilt, scale, centre, and the difference from the mean face, as faces/head.py has them.
//
// A face model is {neutral, smiling, opened}, each 68 points [x, y, z] in the unit of faces/mean_face.py.

const JAW_END = 17;
const [RIGID_START, RIGID_END] = [17, 48]; // eyebrows, nose and eyes
const [LIPS_START, LIPS_END] = [48, 68];
const [EYEBROWS_START, EYEBROWS_END] = [17, 27];
const MAX_YAW = 70;
const MIN_SPREAD = 1e-3;

const MIRRORED = [
  ...[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  ...[26, 25, 24, 23, 22, 21, 20, 19, 18, 17],
  ...[27, 28, 29, 30, 35, 34, 33, 32, 31],
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],
  ...[54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55],
  ...[64, 63, 62, 61, 60, 67, 66, 65],
];

const radians = (degrees) => (degrees * Math.PI) / 180;
const subtract = (points, others) => points.map(([x, y], index) => [x - others[index][0], y - others[index][1]]);
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const middleOf = (points) => [0, 1].map((axis) => average(points.map((point) => point[axis])));

/** Round to the precision in which Python keeps points. */
export const toFloat32 = (points) => points.map((point) => point.map(Math.fround));

/** Flip points horizontally. */
export const mirror = (points) => MIRRORED.map((other) => [1 - points[other][0], points[other][1]]);

/** True if the points do not all lie in one place. */
export function isFace(points) {
  const inner = points.slice(RIGID_START, RIGID_END);
  const spreads = [0, 1].map((axis) => {
    const values = inner.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  });
  return Math.max(...spreads) >= MIN_SPREAD;
}

/** Points in space, seen from one side, upright and of scale 1. The outline of a head does not get narrower. */
function project(points, yaw) {
  const [cosine, sine] = [Math.cos(radians(yaw)), Math.sin(radians(yaw))];
  return points.map(([x, y, z], index) => [x * (index < JAW_END ? 1 : cosine) + z * sine, y]);
}

/** Fit rotation (with scale) and centre by least squares; `misfit` is the rest as a share of the face's spread. */
function fit(template, face) {
  const [from, to] = [middleOf(template), middleOf(face)];
  const [start, end] = [template.map(([x, y]) => [x - from[0], y - from[1]]), face.map(([x, y]) => [x - to[0], y - to[1]])];
  let [real, imaginary, length, total] = [0, 0, 0, 0];
  start.forEach(([x, y], index) => {
    const [u, v] = end[index];
    real += x * u + y * v;
    imaginary += x * v - y * u;
    length += x * x + y * y;
    total += u * u + v * v;
  });
  const [a, b] = [real / length, imaginary / length];
  const misfit = end.reduce((sum, [u, v], index) => {
    const [x, y] = start[index];
    return sum + (u - a * x + b * y) ** 2 + (v - b * x - a * y) ** 2;
  }, 0);
  const center = [to[0] - a * from[0] + b * from[1], to[1] - b * from[0] - a * from[1]];
  return { a, b, center, misfit: misfit / total };
}

/** Convert points to a head: {yaw, tilt, logScale, center, shape}. */
export function toHead(points, { neutral }) {
  const rigid = (yaw) => project(neutral, yaw).slice(RIGID_START, RIGID_END);
  const face = points.slice(RIGID_START, RIGID_END);
  const yaw = minimize((value) => fit(rigid(value), face).misfit, -MAX_YAW, MAX_YAW, 1e-3);
  const { a, b, center } = fit(rigid(yaw), face);
  const length = a * a + b * b;
  const upright = points.map(([x, y]) => {
    const [u, v] = [x - center[0], y - center[1]];
    return [(a * u + b * v) / length, (a * v - b * u) / length];
  });
  const shape = subtract(upright, project(neutral, yaw));
  return { yaw, tilt: (Math.atan2(b, a) * 180) / Math.PI, logScale: Math.log(length) / 2, center, shape };
}

/** Convert a head to points. */
export function toPoints({ yaw, tilt, logScale, center, shape }, { neutral }) {
  const scale = Math.exp(logScale);
  const [a, b] = [scale * Math.cos(radians(tilt)), scale * Math.sin(radians(tilt))];
  const points = project(neutral, yaw).map(([x, y], index) => {
    const [u, v] = [x + shape[index][0], y + shape[index][1]];
    return [a * u - b * v + center[0], b * u + a * v + center[1]];
  });
  return toFloat32(points);
}

/** Interpolate between two heads. */
export function lerpHeads(start, end, t) {
  const between = (first, last) => (1 - t) * first + t * last;
  const points = (first, last) => first.map((point, index) => point.map((value, axis) => between(value, last[index][axis])));
  return {
    yaw: between(start.yaw, end.yaw),
    tilt: between(start.tilt, end.tilt),
    logScale: between(start.logScale, end.logScale),
    center: start.center.map((value, axis) => between(value, end.center[axis])),
    shape: points(start.shape, end.shape),
  };
}

/** Move a face to the position of another one. */
export function alignFace(points, target, model) {
  const { tilt, logScale, center } = toHead(target, model);
  return toPoints({ ...toHead(points, model), tilt, logScale, center }, model);
}

/** Motion of the points in a smile and in an opening of the mouth, at this yaw. */
function motions(yaw, { neutral, smiling, opened }) {
  const start = project(neutral, yaw);
  return [smiling, opened].map((points) => subtract(project(points, yaw), start));
}

/** Expression of a head, as faces/expression.py measures it. */
function measureHead({ yaw, shape }, model) {
  const centered = (points) => {
    const lips = points.slice(LIPS_START, LIPS_END);
    const middle = middleOf(lips);
    return lips.map((point) => point.map((value, axis) => value - middle[axis])).flat();
  };
  const lips = centered(shape);
  const [smile, open] = motions(yaw, model).map(centered);
  const dot = (first, second) => first.reduce((sum, value, index) => sum + value * second[index], 0);
  const [ss, oo, so, sl, ol] = [dot(smile, smile), dot(open, open), dot(smile, open), dot(smile, lips), dot(open, lips)];
  const determinant = ss * oo - so * so;
  const eyebrows = -average(shape.slice(EYEBROWS_START, EYEBROWS_END).map(([, y]) => y));
  const mouth_open = (ss * ol - so * sl) / determinant;
  return { yaw, smile: (oo * sl - so * ol) / determinant, mouth_open, eyebrows };
}

/** Measure the expression of a face: {yaw, smile, mouth_open, eyebrows}. */
export const measure = (points, model) => measureHead(toHead(points, model), model);

/** Give a face another expression. */
export function express(points, expression, model) {
  const head = { ...toHead(points, model), yaw: expression.yaw };
  const current = measureHead(head, model);
  const changes = [expression.smile - current.smile, expression.mouth_open - current.mouth_open];
  const [smiling, opening] = motions(head.yaw, model);
  head.shape = head.shape.map((point, index) =>
    point.map((value, axis) => value + changes[0] * smiling[index][axis] + changes[1] * opening[index][axis]),
  );
  const lift = expression.eyebrows - measureHead(head, model).eyebrows;
  for (let index = EYEBROWS_START; index < EYEBROWS_END; index++) head.shape[index][1] -= lift;
  return toPoints(head, model);
}

/** Find the minimum of a function between two bounds (Brent 1973, fminbnd). */
function minimize(work, low, high, tolerance) {
  const golden = 0.5 * (3 - Math.sqrt(5));
  const precision = Math.sqrt(2.2e-16);
  let [best, second, third] = Array(3).fill(low + golden * (high - low));
  let [bestValue, secondValue, thirdValue] = Array(3).fill(work(best));
  let [step, last] = [0, 0];
  for (let round = 0; round < 500; round++) {
    const middle = (low + high) / 2;
    const near = precision * Math.abs(best) + tolerance / 3;
    if (Math.abs(best - middle) <= 2 * near - (high - low) / 2) break;
    let isGolden = true;
    if (Math.abs(last) > near) {
      let r = (best - second) * (bestValue - thirdValue);
      let q = (best - third) * (bestValue - secondValue);
      let p = (best - third) * q - (best - second) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      r = last;
      last = step;
      if (Math.abs(p) < Math.abs(0.5 * q * r) && p > q * (low - best) && p < q * (high - best)) {
        step = p / q;
        const next = best + step;
        if (next - low < 2 * near || high - next < 2 * near) step = near * (Math.sign(middle - best) || 1);
        isGolden = false;
      }
    }
    if (isGolden) {
      last = best >= middle ? low - best : high - best;
      step = golden * last;
    }
    const next = best + (Math.sign(step) || 1) * Math.max(Math.abs(step), near);
    const value = work(next);
    if (value <= bestValue) {
      if (next >= best) low = best;
      else high = best;
      [third, thirdValue, second, secondValue, best, bestValue] = [second, secondValue, best, bestValue, next, value];
    } else {
      if (next < best) low = next;
      else high = next;
      if (value <= secondValue || second === best) {
        [third, thirdValue, second, secondValue] = [second, secondValue, next, value];
      } else if (value <= thirdValue || third === best || third === second) {
        [third, thirdValue] = [next, value];
      }
    }
  }
  return best;
}
