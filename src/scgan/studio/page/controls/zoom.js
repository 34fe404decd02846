// Zoom buttons and the zoom in per cent.

import { element, iconButton } from "../dom.js";

const STEP = 1.4;

export default function zoom({ editor, keys }) {
  const className = "icon plain";
  const zoomIn = () => editor.zoomBy(STEP);
  const zoomOut = () => editor.zoomBy(1 / STEP);
  keys.add(["+", "="], "Zoom in", zoomIn);
  keys.add("-", "Zoom out", zoomOut, "−");
  keys.add("0", "Show the whole mask", () => editor.fit());
  const output = element("output", { id: "zoom", className: "quiet" }, "100 %");
  editor.addEventListener("zoom", () => (output.textContent = `${Math.round(editor.zoom * 100)} %`));
  return [
    element("span", { className: "gap" }),
    iconButton({ id: "zoom-out", icon: "minus", label: "Zoom out", hint: "−", className, onclick: zoomOut }),
    output,
    iconButton({ id: "zoom-in", icon: "plus", label: "Zoom in", hint: "+", className, onclick: zoomIn }),
  ];
}
