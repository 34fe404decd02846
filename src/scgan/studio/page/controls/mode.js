// Choice between editing by points and by painting. Hidden if masks are not drawn from landmarks.

import { radioGroup } from "../dom.js";

export default function modeChoice(studio) {
  const group = radioGroup({
    name: "mode",
    legend: "Edit the mask by",
    options: [
      { value: "points", text: "Points", icon: "points" },
      { value: "paint", text: "Paint", icon: "brush" },
    ],
    change: (mode) => studio.setMode(mode),
  });
  group.fieldset.id = "modes";
  studio.addEventListener("mode", () => group.select(studio.mode));
  studio.onSchema((schema) => (group.fieldset.hidden = !schema.landmarks));
  studio.keys.add("p", "Points", () => studio.setMode("points"));
  return group.fieldset;
}
