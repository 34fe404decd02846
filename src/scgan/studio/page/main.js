// Entry point: create the studio and its controls, and open the first model.

import { PRIVACY, listModels } from "./api.js";
import { createTabs, mountControls } from "./controls.js";
import { byId } from "./dom.js";
import { acceptDrops } from "./files.js";
import { mountTabs } from "./gallery.js";
import { onReconnect, showError, showWarning } from "./notices.js";
import { Studio } from "./studio.js";

const studio = new Studio();

async function start() {
  studio.models = await listModels();
  studio.dispatchEvent(new Event("models"));
  studio.requestedId = studio.models[0].id;
  await studio.openModel(studio.models[0]);
}

addEventListener("beforeunload", (event) => {
  if (studio.store.canUndo) event.preventDefault(); // the browser asks, because nothing is stored
});
addEventListener("unhandledrejection", (event) => showWarning(`Error on this page: ${event.reason?.message}`));
byId("privacy").textContent = PRIVACY;
acceptDrops(studio);
onReconnect(() => {
  if (!studio.model) start().catch(showError);
});
await mountControls(studio);
mountTabs(await createTabs(studio));
start().catch(showError);
