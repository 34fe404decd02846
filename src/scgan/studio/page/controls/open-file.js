// Button that opens a mask or a JSON file.

import { openFile } from "../files.js";
import { fileButton } from "./file-button.js";

export default function openFileButton(studio) {
  return fileButton({
    id: "open-file",
    icon: "open",
    text: "Open",
    title: "Open a mask, or a JSON file that the studio saved",
    accept: ".png,.json,.bmp,.gif,.tif,.tiff,.webp",
    open: (file) => openFile(studio, file),
  });
}
