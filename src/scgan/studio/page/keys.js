// Keys that work everywhere on the page, and the dialog that lists them.

import { byId, check } from "./dom.js";

export function startKeys({ store, editor, paint, mirror, latent, variations, showMode }) {
  const single = {
    b: () => (showMode("paint"), check("tool", "brush")),
    f: () => (showMode("paint"), check("tool", "fill")),
    i: () => (showMode("paint"), check("tool", "pick")),
    p: () => showMode("points"),
    m: mirror,
    r: () => latent.shuffle(),
    v: variations,
    "[": () => paint.changeSize(-1),
    "]": () => paint.changeSize(1),
    "+": () => editor.zoomBy(1.4),
    "=": () => editor.zoomBy(1.4),
    "-": () => editor.zoomBy(1 / 1.4),
    0: () => editor.fit(),
    "?": () => byId("help-dialog").showModal(),
  };
  const outside = byId("single-keys");
  outside.checked = localStorage.getItem("single-keys") !== "off";
  outside.addEventListener("change", () => localStorage.setItem("single-keys", outside.checked ? "on" : "off"));
  byId("help").addEventListener("click", () => byId("help-dialog").showModal());

  addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
    // A text field has an undo of its own; a select goes to what begins with the letter typed.
    const isText = event.target.matches('input[type="number"], input[type="text"]');
    const takesLetters = isText || event.target.matches("select");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      if (isText || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      key === "y" || event.shiftKey ? store.redo() : store.undo();
      return;
    }
    if (takesLetters || event.altKey || (!outside.checked && event.target !== byId("mask"))) return;
    const act = /^[1-9]$/.test(key) ? () => (showMode("paint"), check("class", Number(key) - 1)) : single[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
