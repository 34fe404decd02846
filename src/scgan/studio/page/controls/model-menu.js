// Menu of models, hidden if there is only one, and facts about the open model.

import { element } from "../dom.js";
import { showError } from "../notices.js";

export default function modelMenu(studio) {
  const select = element("select", { id: "model" });
  const title = element("span", { className: "quiet" }, "Model");
  const label = element("label", { className: "model", hidden: true }, title, " ", select);
  const facts = element("p", { className: "model-facts quiet" });
  studio.addEventListener("models", () => {
    select.replaceChildren(...studio.models.map(({ id, name }) => element("option", { value: id }, name)));
    label.hidden = studio.models.length < 2;
  });
  select.addEventListener("change", async () => {
    studio.requestedId = select.value;
    try {
      await studio.openModel(studio.models.find(({ id }) => id === select.value));
    } catch (error) {
      if (studio.model) select.value = studio.requestedId = studio.model.id;
      showError(error);
    }
  });
  studio.onModel((model) => {
    const { image_size } = model.model_schema;
    facts.textContent = `${image_size} × ${image_size}, ${model.step.toLocaleString()} training steps`;
  });
  return [label, facts];
}
