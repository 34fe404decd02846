// Messages to the person: errors, warnings, lost connections, and announcements for screen readers.

import { listModels, setToken } from "./api.js";
import { byId } from "./dom.js";
import { ApiError, TokenRequired, Unreachable } from "./errors.js";

const RETRY_SECONDS = 2;
const connection = new EventTarget();
let isOffline = false;
let isWarningSticky = false;
const busySentences = [];
const NOTICE_SECONDS = 8;
let noticeTimer;

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

/** Show a sentence that is no error, until the next one. */
export function showNotice(sentence) {
  byId("notice").textContent = sentence;
  byId("notice").hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => (byId("notice").hidden = true), NOTICE_SECONDS * 1000);
}

/** Show that something takes time. Returns a function that ends it. */
export function showBusy(sentence) {
  busySentences.push(sentence);
  const update = () => {
    byId("busy").hidden = !busySentences.length;
    byId("busy-text").textContent = busySentences.at(-1) ?? "";
  };
  update();
  return () => {
    busySentences.splice(busySentences.indexOf(sentence), 1);
    update();
  };
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
      await listModels();
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
