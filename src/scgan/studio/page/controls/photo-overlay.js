// Slider for the opacity of the photo over the mask. Hidden without a photo.

import { slider } from "../dom.js";

export default function photoOverlay({ store, editor }) {
  const { label, input } = slider({ text: "Photo overlay", id: "photo-opacity", min: 0, max: 100, value: 50 });
  label.id = "photo-slider";
  label.hidden = true;
  input.addEventListener("input", () => editor.setPhotoOpacity(input.value / 100));
  store.addEventListener("change", () => (label.hidden = !store.present.photo));
  return label;
}
