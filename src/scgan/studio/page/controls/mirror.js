// Button that flips the mask horizontally.

import { iconButton } from "../dom.js";

export default function mirrorButton(studio) {
  const label = "Flip horizontally";
  const onclick = () => studio.mirror();
  studio.keys.add("m", label, onclick);
  return iconButton({ id: "mirror", icon: "mirror", label, hint: "M", className: "icon plain", onclick });
}
