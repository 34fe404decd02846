// Button that opens a photo. Hidden if the model cannot read photos.

import { openPhoto } from "../files.js";
import { fileButton } from "./file-button.js";

export default function openPhotoButton(studio) {
  const [button, input] = fileButton({
    id: "open-photo",
    icon: "photo",
    text: "Photo",
    title: "Start from a photo. You can also drop it anywhere on the page",
    accept: "image/*",
    open: (file) => openPhoto(studio, file),
  });
  studio.onModel((model) => (button.hidden = !model.can_detect && !model.can_segment));
  return [button, input];
}
