// Mask files, opened as inference/mask_files.py opens them.

import { ApiError } from "../errors.js";
import { decodePng } from "./png.js";

/** Read a PNG file of the model's size with class indices, a palette, or class colours: class indices. */
export async function openMask(bytes, { image_size, class_names, class_colors }) {
  const { width, height, values, palette } = await decodePng(bytes);
  if (width !== image_size || height !== image_size) {
    const sentence = `The mask is ${width}×${height}; this page opens masks of ${image_size}×${image_size}.`;
    throw new ApiError(`${sentence} Resize it without mixing classes, or open it with scgan studio.`, 422);
  }
  const indices = palette ? readColors(values, palette, class_colors) : values;
  const unknown = indices.find((index) => index >= class_names.length);
  if (unknown !== undefined) {
    throw new ApiError(`The mask has the value ${unknown}; the classes of this model are 0 to ${class_names.length - 1}.`, 422);
  }
  return indices;
}

/** Convert by colour if each value has the colour of another class; otherwise the values are the classes. */
function readColors(values, palette, classColors) {
  const classes = new Map(classColors.map((color, index) => [String(color), index]));
  const found = new Map([...new Set(values)].map((value) => [value, classes.get(String(palette[value]))]));
  const isColored = new Set(found.values()).size === found.size && ![...found.values()].includes(undefined);
  return isColored ? values.map((value) => found.get(value)) : values;
}
