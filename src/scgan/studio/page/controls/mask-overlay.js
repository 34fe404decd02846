// Slider for the opacity of the mask over the image.

import { byId, slider } from "../dom.js";

export default function maskOverlay() {
  const { label, input } = slider({ text: "Mask overlay", id: "overlay-opacity", min: 0, max: 100, value: 0 });
  label.classList.add("overlay-slider");
  input.addEventListener("input", () => (byId("overlay").style.opacity = input.value / 100));
  return label;
}
