// Menu of models, hidden if there is only one, and facts about the open model.

import { byId, element } from "../dom.js";
import { showError } from "../notices.js";

export default function modelMenu(studio) {
  const select = element("select", { id: "model", ariaLabel: "Model" });
  const title = element("span", { className: "quiet" }, "Model");
  const label = element("label", { className: "model", hidden: true }, title, " ", select);
  const facts = element("p", { className: "model-facts quiet" });
  studio.addEventListener("models", () => {
    select.replaceChildren(...studio.models.map(({ id, name }) => element("option", { value: id }, name)));
    label.hidden = studio.models.length < 2;
  });
  select.addEventListener("change", async () => {
    const next = studio.models.find(({ id }) => id === select.value);
    if (studio.model && studio.losesWork(next) && !(await confirmLoss())) {
      select.value = studio.model.id;
      return;
    }
    studio.requestedId = next.id;
    try {
      await studio.openModel(next);
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

/** Ask before the mask and the settings are discarded. */
function confirmLoss() {
  const dialog = byId("model-dialog");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "discard"), { once: true });
  });
}
