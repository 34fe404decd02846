// Note about a mask that does not match its points, and a button that inserts a face if there are none.

import { button, element } from "../dom.js";
import { serverMaskPatch } from "../masks.js";

export default function pointsNote(studio) {
  const { store } = studio;
  const note = element("p", { className: "quiet", id: "points-note", hidden: true });
  const onclick = () => store.change({ ...serverMaskPatch(studio.examples[0]), photo: null });
  const insertFace = button({ id: "insert-face", text: "Insert a face", hidden: true, onclick });
  store.addEventListener("change", () => {
    const { landmarks, painted } = store.present;
    note.hidden = Boolean(landmarks) && !painted;
    note.textContent = landmarks
      ? "This mask was painted on. Moving a point redraws it and discards your painting; undo restores it."
      : "This mask has no points. Start from an example or a photo, or insert a face.";
    insertFace.hidden = Boolean(landmarks) || !studio.examples.length;
  });
  return [note, insertFace];
}
