// Button that flips the mask horizontally.

import { iconButton } from "../dom.js";

export default function mirrorButton(studio) {
  const onclick = () => studio.mirror();
  studio.keys.add("m", "Flip horizontally", onclick);
  return iconButton({ id: "mirror", icon: "mirror", label: "Flip horizontally", hint: "M", className: "icon plain", onclick });
}
