// Choice of the points that move along when one is dragged.

import { radioGroup } from "../dom.js";

export default function reachChoice({ pointsTool }) {
  const { fieldset } = radioGroup({
    name: "reach",
    legend: "Move",
    showLegend: true,
    value: pointsTool.reach,
    options: [
      { value: "point", text: "Point", title: "One point" },
      { value: "nearby", text: "Nearby", title: "A point and its neighbours" },
      { value: "feature", text: "Feature", title: "Eye, eyebrow, nose, mouth or jaw" },
      { value: "face", text: "Whole face", title: "All points" },
    ],
    change: (reach) => pointsTool.setReach(reach),
  });
  fieldset.id = "reach";
  return fieldset;
}
