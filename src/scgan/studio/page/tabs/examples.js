// Examples of the model: masks and attributes of its test split.

import { element } from "../dom.js";
import { card, strip } from "../gallery.js";
import { drawMask, fromBase64 } from "../masks.js";
import { examplePatch } from "../studio.js";

export const title = "Examples";

export default function examples(studio) {
  const list = strip("example-strip", "This model has no examples.");
  studio.onModel((model) => {
    const cards = studio.examples.map((example, index) => {
      const canvas = element("canvas");
      drawMask(canvas, fromBase64(example.segmentation), model.model_schema);
      canvas.style.imageRendering = "pixelated";
      const click = () => studio.store.change(examplePatch(example));
      return card({ image: canvas, title: `Start from example ${index + 1}`, click });
    });
    list.replaceChildren(...cards);
  });
  return list;
}
