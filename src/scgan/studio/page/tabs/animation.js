// Animation between two images: set start and end, play the frames, save a video.

import { encodeVideo, generateFrames } from "../api.js";
import { button, download, element, icon, slider } from "../dom.js";
import { announce, showBusy, showError } from "../notices.js";
import { drawBitmap, hasSameInputs, imageSpec } from "../result.js";

export const title = "Animate";

const FRAMES_PER_SECOND = 12;
const FRAME_COUNTS = [12, 24, 48, 96];
const DEFAULT_FRAME_COUNT = 24;
const ENDS = ["start", "end"];

export default function animation(studio) {
  return new Animation(studio).element;
}

class Animation {
  #studio;
  #states = [null, null]; // start and end
  #frames = [];
  #stateBefore = null; // present state when playback began
  #abort = null;
  #timer = null;
  #position = 0;
  #step = 1;
  #isSaving = false; // a second request for a video would replace the first one

  constructor(studio) {
    this.#studio = studio;
    this.#createElements();
    studio.store.addEventListener("change", () => {
      if (this.#frames.length && !hasSameInputs(studio.store.present, this.#stateBefore)) this.stop();
    });
    studio.result.addEventListener("image", () => this.#drawEnds());
    studio.onClose(() => this.stop());
    studio.onModel((model) => this.#open(model));
  }

  #createElements() {
    this.ends = ENDS.map((name, index) => {
      const canvas = element("canvas", { ariaHidden: "true" });
      const properties = { type: "button", id: `set-${name}`, className: "slot" };
      const set = element("button", properties, canvas, element("span", {}, `Set ${name}`));
      set.title = `Use the present image as ${name}`;
      set.addEventListener("click", () => this.#setEnd(index));
      return { button: set, canvas };
    });
    this.play = button({ id: "play", icon: "play", text: "Play", className: "main", disabled: true });
    this.play.addEventListener("click", () => (this.#timer || this.#abort ? this.#halt() : this.#play()));
    this.count = element("select", { id: "frames" }, ...FRAME_COUNTS.map((count) => element("option", {}, `${count}`)));
    this.count.value = DEFAULT_FRAME_COUNT;
    this.count.addEventListener("change", () => this.stop());
    this.gif = button({ id: "save-gif", text: "GIF", title: "Save as GIF", disabled: true });
    this.mp4 = button({ id: "save-mp4", text: "MP4", title: "Save as MP4", disabled: true });
    this.gif.addEventListener("click", () => this.#save("gif"));
    this.mp4.addEventListener("click", () => this.#save("mp4"));
    this.frame = slider({ text: "Frame", id: "frame", min: 0, max: DEFAULT_FRAME_COUNT - 1, value: 0, disabled: true });
    this.frame.input.addEventListener("input", () => {
      this.#pause();
      this.#showFrame(Number(this.frame.input.value));
    });
    const label = element("label", {}, "Frames ", this.count);
    const buttons = element("div", { className: "row" }, this.play, label, this.gif, this.mp4);
    const controls = element("div", { className: "animation-controls" }, buttons, this.frame.label);
    const arrow = icon("arrow");
    const [start, end] = this.ends.map((slot) => slot.button);
    this.element = element("div", { className: "row animation" }, start, arrow, end, controls);
  }

  #open(model) {
    this.#states = [null, null];
    this.gif.hidden = !model.can_write_gif;
    this.mp4.hidden = !model.can_write_mp4;
    for (const { canvas } of this.ends) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    this.#updateButtons();
  }

  /** Stop playback and show the present image again. */
  stop() {
    this.#abort?.abort();
    this.#abort = null;
    this.#pause();
    if (this.#frames.length) {
      this.#frames = [];
      this.#studio.result.showFrame(null);
      this.#studio.editor.show(this.#studio.store.present.mask);
    }
    this.frame.input.disabled = true;
    this.frame.output.textContent = "";
  }

  /** Pause at the present frame. Frames that have arrived stay; those that are missing are requested again by playing. */
  #halt() {
    this.#abort?.abort();
    this.#abort = null;
    this.frame.input.disabled = this.#frames.length < 2;
    this.#pause();
  }

  #setEnd(index) {
    this.stop();
    this.#states[index] = this.#studio.store.present;
    this.#drawEnds();
    this.#updateButtons();
    announce(`Animation ${ENDS[index]} set.`);
  }

  /** Draw the images of start and end that have arrived. */
  #drawEnds() {
    const { current } = this.#studio.result;
    if (!current) return;
    this.ends.forEach(({ canvas }, index) => {
      const state = this.#states[index];
      if (state && hasSameInputs(state, current.state)) drawBitmap(canvas, current.bitmap);
    });
  }

  get #request() {
    const [start, end] = this.#states.map(imageSpec);
    return { start, end, frames: Number(this.count.value) };
  }

  async #play() {
    if (this.#frames.length < Number(this.count.value)) {
      this.#abort = new AbortController();
      this.#stateBefore = this.#studio.store.present;
      this.#showPlaying(true);
      try {
        await this.#load(this.#abort.signal);
      } catch (error) {
        if (error.name === "AbortError") return;
        showError(error);
        return this.stop();
      }
      this.#abort = null;
    }
    this.#showPlaying(true);
    this.#timer = setInterval(() => this.#advance(), 1000 / FRAMES_PER_SECOND);
  }

  /** Request the frames, and show each as soon as it arrives. */
  async #load(signal) {
    const request = this.#request;
    const frames = [];
    for await (const { image, mask } of generateFrames(this.#studio.model, request, signal)) {
      const bitmap = await createImageBitmap(image);
      signal.throwIfAborted();
      frames.push({ bitmap, mask });
      this.#frames = frames;
      this.frame.input.max = frames.length - 1;
      this.#showFrame(frames.length - 1);
    }
    this.frame.input.disabled = false;
  }

  #advance() {
    const next = this.#position + this.#step;
    if (next < 0 || next >= this.#frames.length) this.#step = -this.#step;
    this.#showFrame(this.#position + this.#step);
  }

  #showFrame(position) {
    this.#position = position;
    const frame = this.#frames[position];
    this.#studio.result.showFrame(frame);
    this.#studio.editor.showFrame(frame.mask);
    this.frame.input.value = position;
    this.frame.output.textContent = `${position + 1} of ${Number(this.frame.input.max) + 1}`;
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#showPlaying(false);
  }

  #showPlaying(isPlaying) {
    this.play.querySelector("use").setAttribute("href", `icons.svg#${isPlaying ? "stop" : "play"}`);
    this.play.querySelector("span").textContent = isPlaying ? "Stop" : "Play";
  }

  #updateButtons() {
    const isReady = this.#states.every(Boolean);
    this.play.disabled = !isReady;
    for (const save of [this.gif, this.mp4]) save.disabled = !isReady || this.#isSaving;
  }

  async #save(container) {
    const { model } = this.#studio;
    const done = showBusy(`Encoding the ${container.toUpperCase()} file…`);
    this.#isSaving = true;
    this.#updateButtons();
    try {
      const request = { ...this.#request, container, frame_rate: FRAMES_PER_SECOND };
      download(await encodeVideo(model, request), `${model.name}-animation.${container}`);
    } catch (error) {
      showError(error);
    }
    done();
    this.#isSaving = false;
    this.#updateButtons();
  }
}
