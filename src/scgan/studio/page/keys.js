// Keyboard shortcuts of the whole page.

import { byId, element } from "./dom.js";

/** Offset [x, y] of an arrow key, or undefined for other keys. */
export function arrowOffset(key, step) {
  return { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
}

export class Keys {
  #actions = new Map();
  #rows = [];
  /** False if keys without Ctrl work on the mask only. */
  everywhere = localStorage.getItem("single-keys") !== "off";

  constructor(store) {
    this.#rows.push([["Ctrl", "Z"], "Undo"], [["Ctrl", "Shift", "Z"], "Redo"]);
    addEventListener("keydown", (event) => this.#press(event, store));
  }

  /**
   * Add a shortcut. It is listed in the help dialog.
   *
   * @param keys one key, or several keys that do the same
   * @param description text in the help dialog
   * @param action gets the key
   * @param shown keys in the help dialog
   */
  add(keys, description, action, shown = [keys].flat()[0].toUpperCase()) {
    for (const key of [keys].flat()) {
      if (this.#actions.has(key)) throw new Error(`The key ${key} has an action already.`);
      this.#actions.set(key, action);
    }
    this.#rows.push([[shown], description]);
  }

  setEverywhere(everywhere) {
    this.everywhere = everywhere;
    localStorage.setItem("single-keys", everywhere ? "on" : "off");
  }

  /** Create the list of shortcuts for the help dialog. */
  list() {
    const rows = this.#rows.map(([keys, description]) => {
      const parts = keys.flatMap((key) => [element("kbd", {}, key), " "]);
      return element("div", {}, element("dt", {}, ...parts), element("dd", {}, description));
    });
    return element("dl", { className: "shortcuts" }, ...rows);
  }

  #press(event, store) {
    if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
    // Text fields have their own undo. A select jumps to the option that begins with the typed letter.
    const isText = event.target.matches('input[type="number"], input[type="text"]');
    const takesLetters = isText || event.target.matches("select");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      if (isText || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      key === "y" || event.shiftKey ? store.redo() : store.undo();
      return;
    }
    if (takesLetters || event.altKey || (!this.everywhere && event.target !== byId("mask"))) return;
    const action = this.#actions.get(key);
    if (!action) return;
    event.preventDefault();
    action(key);
  }
}
