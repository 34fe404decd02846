// Paths between two masks of any classes, as interpolation/mask_paths.py has them: each class moves and changes its outline.

const MIN_EXTENT = 0.5;

/** A function from a position in [0, 1] to the mask there. */
export function maskPath(start, end, size) {
  const region = (isInside) => new Region(start.map(isInside), end.map(isInside), size);
  const union = region((value) => Number(value > 0));
  const indices = [...new Set([...start, ...end])].filter((index) => index > 0).sort((a, b) => a - b);
  const classes = indices.map((index) => ({ index, region: region((value) => Number(value === index)) }));
  classes.sort((a, b) => b.region.area - a.region.area); // drawn in this order: the smallest lies on top
  return (t) => {
    const mask = new Uint8Array(size * size);
    if (!classes.length) return mask;
    const distances = classes.map((item) => item.region.distances(t));
    union.distances(t).forEach((distance, pixel) => {
      if (distance <= 0) return;
      // The last class that covers a pixel lies on top; the nearest class fills pixels that none covers.
      let chosen = distances.findLastIndex((values) => values[pixel] > 0);
      if (chosen < 0) chosen = distances.reduce((best, values, at) => (values[pixel] > distances[best][pixel] ? at : best), 0);
      mask[pixel] = classes[chosen].index;
    });
    return mask;
  };
}

/** Region of one class in both masks, each 1 inside and 0 outside. */
class Region {
  constructor(start, end, size) {
    const areas = [start, end].map((mask) => mask.reduce((sum, value) => sum + value, 0));
    this.size = size;
    this.area = areas[0] + areas[1];
    this.isMissing = areas.map((area) => area === 0);
    // A class that is missing in one mask stays where it is in the other.
    this.ends = [areas[0] ? start : end, areas[1] ? end : start].map((mask) => {
      const distances = signedDistances(mask, size);
      return {
        ...frame(mask, size),
        distances,
        minimum: distances.reduce((a, b) => Math.min(a, b)),
        maximum: distances.reduce((a, b) => Math.max(a, b)),
      };
    });
  }

  /** Signed distances of all pixels to the outline at a position of the path, positive inside. */
  distances(t) {
    const { size, ends } = this;
    const total = new Float64Array(size * size);
    if (this.isMissing.every(Boolean)) return total.fill(-1);
    const between = (key, axis) => (1 - t) * ends[0][key][axis] + t * ends[1][key][axis];
    const [center, extent] = ["center", "extent"].map((key) => [between(key, 0), between(key, 1)]);
    ends.forEach((end, number) => {
      const weight = number ? t : 1 - t;
      if (!weight) return;
      const along = [0, 1].map((axis) => {
        return Float64Array.from({ length: size }, (_, at) => {
          return ((at - center[axis]) / extent[axis]) * end.extent[axis] + end.center[axis];
        });
      });
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          const [y, x] = [along[0][row], along[1][column]];
          let value = sample(end.distances, size, y, x);
          // A class that fills the mask: beyond the border of the image lies its outside.
          if (end.minimum > 0) value -= Math.max(beyond(y, size), beyond(x, size));
          total[row * size + column] += weight * (this.isMissing[number] ? value - end.maximum : value);
        }
      }
    });
    return total;
  }
}

const clamp = (value, size) => Math.min(size - 1, Math.max(0, value));
const beyond = (value, size) => Math.abs(value - clamp(value, size));

/** Interpolate linearly between pixels; outside, the nearest pixel counts. */
function sample(values, size, y, x) {
  const [row, column] = [clamp(y, size), clamp(x, size)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, right] = [Math.min(size - 1, top + 1), Math.min(size - 1, left + 1)];
  const [v, u] = [row - top, column - left];
  const sum = (1 - v) * (1 - u) * values[top * size + left] + (1 - v) * u * values[top * size + right];
  return sum + v * (1 - u) * values[bottom * size + left] + v * u * values[bottom * size + right];
}

/** Centre and extent (standard deviation) of a class along rows and columns, in pixels. */
function frame(mask, size) {
  const positions = [[], []];
  mask.forEach((value, pixel) => {
    if (!value) return;
    positions[0].push(Math.floor(pixel / size));
    positions[1].push(pixel % size);
  });
  if (!positions[0].length) return { center: [0, 0], extent: [1, 1] };
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const center = positions.map(mean);
  const extent = positions.map((values, axis) => Math.sqrt(mean(values.map((value) => (value - center[axis]) ** 2))));
  return { center, extent: extent.map((value) => Math.max(value, MIN_EXTENT)) };
}

/** Distances of pixel centres to the outline, which runs between the pixels; positive inside. */
function signedDistances(mask, size) {
  const count = mask.reduce((sum, value) => sum + value, 0);
  if (!count) return new Float64Array(mask.length).fill(-1);
  if (count === mask.length) {
    // Without any other outline, the border of the image counts as one.
    return Float64Array.from(mask, (_, pixel) => {
      const [row, column] = [Math.floor(pixel / size), pixel % size];
      return Math.min(row + 1, column + 1, size - row, size - column) - 0.5;
    });
  }
  const [inside, outside] = [0, 1].map((value) => distancesTo(mask, size, value));
  return Float64Array.from(mask, (value, pixel) => (value ? inside[pixel] - 0.5 : 0.5 - outside[pixel]));
}

/** Euclidean distance of each pixel to the nearest one with a value: along columns, then over the rows of distances. */
function distancesTo(mask, size, value) {
  const squares = new Float64Array(mask.length).fill(Infinity);
  for (let column = 0; column < size; column++) {
    for (const order of [1, -1]) {
      let distance = Infinity;
      for (let step = 0; step < size; step++) {
        const pixel = (order > 0 ? step : size - 1 - step) * size + column;
        distance = mask[pixel] === value ? 0 : distance + 1;
        squares[pixel] = Math.min(squares[pixel], distance ** 2);
      }
    }
  }
  return squares.map((_, pixel) => {
    const [first, column] = [pixel - (pixel % size), pixel % size];
    let smallest = Infinity;
    for (let other = 0; other < size; other++) {
      smallest = Math.min(smallest, squares[first + other] + (other - column) ** 2);
    }
    return Math.sqrt(smallest);
  });
}
