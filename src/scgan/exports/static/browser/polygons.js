// Masks drawn from 68 landmarks, pixel by pixel as faces/rasterize.py and faces/polygons.py draw them.

const range = (start, stop) => Array.from({ length: stop - start }, (_, index) => start + index);

/** Combine points: the sum of factor times point over pairs [factor, point]. */
const sum = (...terms) => [0, 1].map((axis) => terms.reduce((total, [factor, point]) => total + factor * point[axis], 0));

const mean = (points) => sum(...points.map((point) => [1 / points.length, point]));

/** Hairline: half an ellipse on the ends of the jaw. */
function forehead(points) {
  const middle = sum([0.5, points[0]], [0.5, points[16]]);
  const eyebrows = mean(points.slice(17, 27));
  const top = sum([1.75, eyebrows], [-0.75, points[33]]);
  const [across, up] = [sum([1, points[16]], [-1, middle]), sum([1, top], [-1, middle])];
  return range(1, 16).map((step) => {
    const angle = (Math.PI * step) / 16;
    return sum([1, middle], [Math.cos(angle), across], [Math.sin(angle), up]);
  });
}

/** Eyebrow: its line of five points, with some thickness. */
function eyebrow(points, first) {
  const line = points.slice(first, first + 5);
  const down = sum([1, points[8]], [-1, points[27]]);
  const thickness = [0.5, 1, 1, 1, 0.5].map((factor) => 0.07 * factor);
  const shifted = (share) => line.map((point, index) => sum([1, point], [share * thickness[index], down]));
  return [...shifted(-0.35), ...shifted(0.65).reverse()];
}

function nose(points) {
  const [bridge, base] = [points.slice(27, 31), points.slice(31, 36)];
  const across = sum([1, base[4]], [-1, base[0]]);
  const up = sum([1, bridge[3]], [-1, base[2]]);
  const right = [
    sum([1, bridge[0]], [0.12, across]),
    sum([1, bridge[2]], [0.25, across]),
    sum([1, base[4]], [0.15, across], [0.5, up]),
  ];
  const left = [
    sum([1, base[0]], [-0.15, across], [0.5, up]),
    sum([1, bridge[2]], [-0.25, across]),
    sum([1, bridge[0]], [-0.12, across]),
  ];
  return [...right, ...base.reverse(), ...left];
}

/** Closed outlines of the classes, in the order in which they are painted: [name, points]. */
function outlines(points) {
  return [
    ["skin", [...points.slice(0, 17), ...forehead(points)]],
    ["nose", nose(points)],
    ["eyebrows", eyebrow(points, 17)],
    ["eyebrows", eyebrow(points, 22)],
    ["eyes", points.slice(36, 42)],
    ["eyes", points.slice(42, 48)],
    ["lips", points.slice(48, 60)],
    ["mouth", points.slice(60, 68)],
  ];
}

/** Give pixels whose centre is inside a closed outline (winding number not zero) a class. */
function fill(mask, size, outline, index) {
  const corners = outline.map((point) => point.map((value) => value * size - 0.5)); // pixel centres are whole numbers
  const changes = new Int16Array(size * (size + 1));
  corners.forEach(([x, y], number) => {
    const [nextX, nextY] = corners[(number + 1) % corners.length];
    const bounded = (row) => Math.min(size, Math.max(0, Math.ceil(row)));
    const change = y < nextY ? 1 : -1;
    // The edge crosses the rows between its two ends; the winding number changes right of the crossing.
    for (let row = bounded(Math.min(y, nextY)); row < bounded(Math.max(y, nextY)); row++) {
      const crossing = x + ((row - y) / (nextY - y)) * (nextX - x);
      changes[row * (size + 1) + bounded(crossing)] += change;
    }
  });
  for (let row = 0; row < size; row++) {
    let winding = 0;
    for (let column = 0; column < size; column++) {
      winding += changes[row * (size + 1) + column];
      if (winding) mask[row * size + column] = index;
    }
  }
}

/** Draw the mask of 68 points: class indices, one byte per pixel. */
export function drawFace(points, size, classNames) {
  const mask = new Uint8Array(size * size);
  for (const [name, outline] of outlines(points)) fill(mask, size, outline, classNames.indexOf(name));
  return mask;
}
