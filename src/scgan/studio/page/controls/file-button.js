// Button that opens a file dialog. Shared by controls.

import { button, element } from "../dom.js";

/** Create [button, input]. `open` gets the chosen file. */
export function fileButton({ accept, open, ...properties }) {
  const input = element("input", { type: "file", accept, hidden: true, id: `${properties.id}-input` });
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) open(file);
  });
  return [button({ ...properties, onclick: () => input.click() }), input];
}
