// Sliders for head pose and facial expression. The server lists them.

import { element, slider } from "../dom.js";

export default function expressionSliders(studio) {
  const heading = element("h3", {}, "Expression");
  const container = element("div", { id: "expression" });
  let inputs = [];

  studio.onModel((model) => {
    const sliders = model.expression_sliders.map(({ name, title, minimum, maximum, step }) => {
      const { label, input } = slider({ text: title, name, min: minimum, max: maximum, step });
      input.addEventListener("input", () => studio.face.previewExpression(name, Number(input.value)));
      input.addEventListener("change", () => studio.face.commit());
      return { label, input };
    });
    inputs = sliders.map(({ input }) => input);
    container.replaceChildren(heading, ...sliders.map(({ label }) => label));
    if (studio.store.present) show();
  });
  const show = () => {
    const { landmarks, expression } = studio.store.present;
    for (const input of inputs) {
      input.disabled = !landmarks || !expression;
      if (expression) input.value = expression[input.name];
    }
  };
  studio.store.addEventListener("change", show);
  return container;
}
