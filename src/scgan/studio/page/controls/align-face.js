// Button that moves the face to the position of the training faces.

import { button } from "../dom.js";

export default function alignFace({ store, face }) {
  const align = button({
    id: "align-face",
    text: "Align face",
    title: "Move, scale and tilt the face to the position of the training faces",
    onclick: () => face.transform({ align: true }),
  });
  store.addEventListener("change", () => (align.disabled = !store.present.landmarks));
  return align;
}
