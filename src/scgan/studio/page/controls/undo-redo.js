// Undo and redo buttons.

import { iconButton } from "../dom.js";

export default function undoRedo({ store }) {
  const className = "icon plain";
  const undo = iconButton({ id: "undo", icon: "undo", label: "Undo", hint: "Ctrl+Z", className });
  const redo = iconButton({ id: "redo", icon: "redo", label: "Redo", hint: "Ctrl+Shift+Z", className });
  undo.addEventListener("click", () => store.undo());
  redo.addEventListener("click", () => store.redo());
  store.addEventListener("change", () => {
    undo.disabled = !store.canUndo;
    redo.disabled = !store.canRedo;
  });
  return [undo, redo];
}
