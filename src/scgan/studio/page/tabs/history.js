// Images of earlier steps.

import { element } from "../dom.js";
import { card, strip } from "../gallery.js";
import { drawBitmap, hasSameInputs } from "../result.js";

export const title = "History";

const MAX_LENGTH = 60;

export default function history(studio) {
  const { store, result } = studio;
  const list = strip("history-strip", "Every step appears here.");
  let states = [];
  let count = 0;
  studio.onModel(() => {
    states = [];
    count = 0;
    list.replaceChildren();
  });
  result.addEventListener("committed", () => {
    const state = store.present;
    if (states.some((earlier) => hasSameInputs(earlier, state))) return;
    states.push(state);
    count += 1;
    const canvas = element("canvas");
    drawBitmap(canvas, result.current.bitmap);
    list.prepend(card({ image: canvas, title: `Return to step ${count}`, click: () => store.change(state) }));
    if (states.length > MAX_LENGTH) {
      states.shift();
      list.lastElementChild.remove();
    }
  });
  return list;
}
