// Button that shows the part of the photo that was read, to move it. Hidden without a photo.

import { button } from "../dom.js";
import { moveCrop } from "../files.js";

export default function cropPhoto(studio) {
  const { store } = studio;
  const move = button({
    id: "crop-photo",
    text: "Crop…",
    title: "Choose the part of the photo that is read",
    hidden: true,
    onclick: () => moveCrop(studio, store.present.photo),
  });
  store.addEventListener("change", () => (move.hidden = !store.present.photo));
  return move;
}
