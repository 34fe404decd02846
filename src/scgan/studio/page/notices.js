// What the page tells: problems, a server that is gone, and words for screen readers.

import { Problem, TokenWanted, Unreachable, getJson, setToken } from "./api.js";
import { byId } from "./dom.js";

const SECONDS_BETWEEN_TRIES = 2;
const comeback = new EventTarget();
let away = false;
let warningStays = false;

byId("problem-close").addEventListener("click", () => (byId("problem").hidden = true));

/** Run something whenever the server answers again. */
export function onReturn(act) {
  comeback.addEventListener("return", act);
}

/** Tell a person about an error; returns once it is dealt with. */
export async function tell(error) {
  if (error instanceof Unreachable) return waitForServer();
  if (error instanceof TokenWanted) return askForToken();
  if (error instanceof Problem) {
    if (error.status !== 409) warn(error.message); // overtaken by ourselves: nothing to tell
    return;
  }
  warn(`Something went wrong on this page: ${error.message}`);
  throw error;
}

/** A warning goes with the next picture, unless it `stays` until it is closed. */
export function warn(sentence, { stays = false } = {}) {
  warningStays = stays;
  byId("problem-text").textContent = sentence;
  byId("problem").hidden = false;
}

export function clearWarning() {
  if (!warningStays) byId("problem").hidden = true;
}

let lastWords;

/** Words for screen readers; of several in quick succession the last. */
export function announce(sentence) {
  clearTimeout(lastWords);
  lastWords = setTimeout(() => (byId("announcement").textContent = sentence), 250);
}

async function waitForServer() {
  if (away) return;
  away = true;
  const banner = byId("offline");
  banner.textContent =
    "The studio’s server does not answer. What you made stays on this page; trying again every " +
    `${SECONDS_BETWEEN_TRIES} seconds.`;
  banner.hidden = false;
  while (away) {
    await new Promise((resolve) => setTimeout(resolve, SECONDS_BETWEEN_TRIES * 1000));
    try {
      await getJson("models");
      away = false;
    } catch (error) {
      if (!(error instanceof Unreachable)) away = false;
    }
  }
  banner.hidden = true;
  comeback.dispatchEvent(new Event("return"));
}

async function askForToken() {
  const dialog = byId("token-dialog");
  if (dialog.open) return;
  byId("token").value = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  setToken(byId("token").value.trim());
  comeback.dispatchEvent(new Event("return"));
}
