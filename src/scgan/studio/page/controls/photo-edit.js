// Refinement of an opened photo, ways to show it, and the comparison with the photo. Hidden without a photo.

import { button, byId, download, element, iconButton, slider } from "../dom.js";
import { announce, showBusy, showError } from "../notices.js";
import { drawBitmap } from "../result.js";

export default function photoEdit(studio) {
  const { store, photos, result } = studio;
  const preview = element("img", { className: "reconstruction", alt: "The photo as the model makes it" });
  const bar = element("progress", { id: "refinement", ariaLabel: "Refinement of the photo", value: 0 });
  const text = element("p", { className: "quiet", id: "refinement-text" });
  const stop = iconButton({ id: "stop-refinement", icon: "stop", label: "Stop the refinement", onclick: () => photos.stop() });
  stop.title += " and keep the best image so far";
  const keep = check("keep-background", "Keep background", (keepsBackground) => photos.set({ keepsBackground }));
  const into = check("into-photo", "Put back into the photo", (isInPhoto) => photos.set({ isInPhoto }));
  const { label: compare, input: split } = slider({ text: "Before / after", id: "compare", min: 0, max: 100, value: 0 });
  split.addEventListener("input", () => byId("before").style.setProperty("--split", `${split.value}%`));
  const save = button({ id: "save-photo", icon: "save", text: "Save at full size" });
  save.title = "Put the edited part into the photo and save it as JPEG";
  save.addEventListener("click", () => saveFullSize(studio, save));

  const refinement = element("div", { className: "refinement" }, preview, element("div", {}, text, bar), stop);
  const heading = element("h2", { id: "photo-title" }, "Photo");
  const section = element("section", { className: "photo-edit", hidden: true }, heading, refinement, keep, into, compare, save);
  section.setAttribute("aria-labelledby", "photo-title");

  const show = () => {
    const inverted = photos.of(store.present);
    section.hidden = !store.present.photo || !(inverted || photos.progress?.isRunning);
    byId("before").hidden = !inverted;
    for (const part of [keep, into, compare, save]) part.hidden = !inverted;
  };
  photos.addEventListener("progress", () => {
    const { step, total, share, image, isRunning } = photos.progress;
    [bar.max, bar.value] = [total, step];
    stop.hidden = bar.hidden = !isRunning;
    preview.hidden = !image;
    if (image) preview.src = image;
    const state = isRunning ? `Refining: ${step} of ${total} steps` : "Refined";
    text.textContent = image ? `${state}, distance ${Math.round(100 * share)} %` : "Reading the photo…";
    if (!isRunning && step) announce("The photo is refined.");
    show();
  });
  photos.addEventListener("change", show);
  store.addEventListener("change", show);
  result.addEventListener("image", () => drawBefore(studio));
  return section;
}

function check(id, text, change) {
  const input = element("input", { type: "checkbox", id });
  input.addEventListener("change", () => change(input.checked));
  return element("label", { className: "check" }, input, element("span", {}, text));
}

/** Draw the unchanged photo, or its part, over the image; the slider decides how much of it is seen. */
async function drawBefore({ result, photos }) {
  const { state, bitmap } = result.current;
  const inverted = photos.of(state);
  if (!inverted) return;
  const source = photos.isInPhoto ? state.photo.whole : await loadImage(inverted.image);
  if (source && result.current?.state === state) drawBitmap(byId("before"), source, bitmap);
}

function loadImage(address) {
  const image = new Image();
  image.src = address;
  return image.decode().then(() => image);
}

async function saveFullSize(studio, save) {
  const inverted = studio.photos.of(studio.store.present);
  if (!inverted) return;
  const done = showBusy("Putting the photo together…");
  save.disabled = true;
  try {
    const name = inverted.file.name.replace(/\.\w+$/, "");
    download(await studio.photos.save(inverted), `${name}-edited.jpg`);
  } catch (error) {
    showError(error);
  }
  save.disabled = false;
  done();
}
