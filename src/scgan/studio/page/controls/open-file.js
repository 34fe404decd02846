// Button that opens a mask, a JSON file, or a photo.

import { openFile } from "../files.js";
import { fileButton } from "./file-button.js";

export default function openFileButton(studio) {
  return fileButton({
    id: "open-file",
    icon: "open",
    text: "Open",
    title: "Open a mask, a JSON file that the studio saved, or a photo",
    accept: "image/*,.json,.tif,.tiff",
    open: (file) => openFile(studio, file),
  });
}
