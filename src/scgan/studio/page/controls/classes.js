// List of classes: colour, name, and fraction of the mask. The selected class is painted.

import { byId, element, readable } from "../dom.js";
import { classFractions } from "../masks.js";

const percent = (fraction) => `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;

export default function classList(studio) {
  const legend = element("legend", {}, "Class");
  const fieldset = element("fieldset", { className: "classes", id: "classes" }, legend);
  let inputs = [];
  let outputs = [];

  studio.onSchema((schema) => {
    const rows = schema.class_names.map((name, index) => {
      const swatch = element("i");
      swatch.style.background = `rgb(${schema.class_colors[index]})`;
      const input = element("input", { type: "radio", name: "class", value: index });
      input.addEventListener("change", () => studio.paintTool.set({ classIndex: index }));
      const title = index < 9 ? `${readable(name)} (${index + 1})` : readable(name);
      return element("label", { title }, input, swatch, element("span", {}, readable(name)), element("small"));
    });
    fieldset.replaceChildren(legend, ...rows);
    inputs = rows.map((row) => row.querySelector("input"));
    outputs = rows.map((row) => row.querySelector("small"));
    select();
  });
  const select = () => inputs.forEach((input, index) => (input.checked = index === studio.paintTool.classIndex));
  studio.paintTool.addEventListener("change", select);
  studio.store.addEventListener("change", () => {
    const names = studio.schema.class_names;
    const fractions = classFractions(studio.store.present.mask, names.length);
    const texts = fractions.map((fraction) => (fraction ? percent(fraction) : ""));
    texts.forEach((text, index) => (outputs[index].textContent = text));
    const present = texts.flatMap((text, index) => (text ? [`${readable(names[index])} ${text}`] : []));
    byId("mask-fractions").textContent = `Classes in the mask: ${present.join(", ")}.`;
  });
  return fieldset;
}
