// Messages to the person: errors, warnings, lost connections, and announcements for screen readers.

import { ApiError, TokenRequired, Unreachable, getJson, setToken } from "./api.js";
import { byId } from "./dom.js";

const RETRY_SECONDS = 2;
const connection = new EventTarget();
let isOffline = false;
let isWarningSticky = false;

byId("problem-close").addEventListener("click", () => (byId("problem").hidden = true));

/** Call a function whenever the connection to the server is restored. */
export function onReconnect(action) {
  connection.addEventListener("restored", action);
}

/** Show an error. Resolves when a lost connection is restored or a token is entered. */
export async function showError(error) {
  if (error instanceof Unreachable) return waitForServer();
  if (error instanceof TokenRequired) return askForToken();
  if (error instanceof ApiError) {
    if (error.status !== 409) showWarning(error.message); // 409: replaced by our own newer request
    return;
  }
  showWarning(`Error on this page: ${error.message}`);
  throw error;
}

/** Show a warning until the next image arrives, or until it is closed if it is `sticky`. */
export function showWarning(sentence, { sticky = false } = {}) {
  isWarningSticky = sticky;
  byId("problem-text").textContent = sentence;
  byId("problem").hidden = false;
}

export function clearWarning() {
  if (!isWarningSticky) byId("problem").hidden = true;
}

let announcementTimer;

/** Announce a sentence to screen readers. Of several in quick succession only the last is read. */
export function announce(sentence) {
  clearTimeout(announcementTimer);
  announcementTimer = setTimeout(() => (byId("announcement").textContent = sentence), 250);
}

async function waitForServer() {
  if (isOffline) return;
  isOffline = true;
  const banner = byId("offline");
  banner.textContent =
    "The studio’s server does not respond. Your work stays on this page. Retrying every " +
    `${RETRY_SECONDS} seconds.`;
  banner.hidden = false;
  while (isOffline) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_SECONDS * 1000));
    try {
      await getJson("models");
      isOffline = false;
    } catch (error) {
      if (!(error instanceof Unreachable)) isOffline = false;
    }
  }
  banner.hidden = true;
  connection.dispatchEvent(new Event("restored"));
}

async function askForToken() {
  const dialog = byId("token-dialog");
  if (dialog.open) return;
  byId("token").value = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  setToken(byId("token").value.trim());
  connection.dispatchEvent(new Event("restored"));
}
