// From A to B: two kept states, the frames between them, and the film as a file.

import { postForBlob, postForLines } from "./api.js";
import { byId, download } from "./dom.js";
import { fromBase64 } from "./masks.js";
import { announce, tell } from "./notices.js";
import { condition, drawBitmap, sameInputs } from "./result.js";

const FRAMES_PER_SECOND = 12;
const SLOTS = ["keep-a", "keep-b"];

export class Way {
  #store;
  #result;
  #editor;
  #model;
  #ends = [null, null];
  #frames = [];
  #before = null; // what the person had when it began to play
  #abort = null;
  #timer = null;
  #place = 0;
  #step = 1;
  #filming = false; // a film that is asked for now would take the place of the one that is made

  constructor(store, result, editor) {
    this.#store = store;
    this.#result = result;
    this.#editor = editor;
    SLOTS.forEach((id, end) => byId(id).addEventListener("click", () => this.#keep(end)));
    byId("play").addEventListener("click", () => (this.#timer || this.#abort ? this.stop() : this.#play()));
    byId("frames").addEventListener("change", () => this.stop());
    byId("along").addEventListener("input", () => {
      this.#pause();
      this.#show(Number(byId("along").value));
    });
    byId("save-gif").addEventListener("click", () => this.#save("gif"));
    byId("save-mp4").addEventListener("click", () => this.#save("mp4"));
    store.addEventListener("change", () => {
      if (this.#frames.length && !sameInputs(store.present, this.#before)) this.stop();
    });
    result.addEventListener("picture", () => this.#showEnds());
  }

  open(model) {
    this.stop();
    this.#model = model;
    this.#ends = [null, null];
    byId("save-mp4").hidden = !model.can_film;
    for (const id of SLOTS) {
      const canvas = byId(id).querySelector("canvas");
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    }
    this.#showButtons();
  }

  /** Show the person's own picture again. */
  stop() {
    this.#abort?.abort();
    this.#abort = null;
    this.#pause();
    this.#frames = [];
    this.#result.standIn(null);
    this.#editor.show(this.#store.present.mask);
    byId("along").disabled = true;
    byId("way-value").textContent = "";
  }

  #keep(end) {
    this.stop();
    this.#ends[end] = this.#store.present;
    this.#showEnds();
    this.#showButtons();
    announce(`Kept as ${"AB"[end]}.`);
  }

  /** A kept end gets its picture when it is there. */
  #showEnds() {
    const { shown } = this.#result;
    SLOTS.forEach((id, end) => {
      if (shown && this.#ends[end] && sameInputs(this.#ends[end], shown.state)) {
        drawBitmap(byId(id).querySelector("canvas"), shown.bitmap);
      }
    });
  }

  get #body() {
    const [start, end] = this.#ends.map(condition);
    return { start, end, frames: Number(byId("frames").value) };
  }

  async #play() {
    if (!this.#frames.length) {
      this.#abort = new AbortController();
      this.#before = this.#store.present;
      this.#showPlaying(true);
      try {
        await this.#make(this.#abort.signal);
      } catch (error) {
        if (error.name === "AbortError") return;
        tell(error);
        return this.stop();
      }
      this.#abort = null;
    }
    this.#showPlaying(true);
    this.#timer = setInterval(() => this.#advance(), 1000 / FRAMES_PER_SECOND);
  }

  async #make(signal) {
    const body = this.#body;
    byId("along").max = body.frames - 1;
    const frames = [];
    for await (const line of postForLines(`models/${this.#model.id}/interpolate`, body, signal)) {
      const picture = await toBitmap(line.picture);
      signal.throwIfAborted();
      frames.push({ bitmap: picture, mask: fromBase64(line.segmentation) });
      this.#frames = frames;
      this.#show(frames.length - 1);
    }
    byId("along").disabled = false;
  }

  #advance() {
    const last = this.#frames.length - 1;
    if (this.#place + this.#step > last || this.#place + this.#step < 0) this.#step = -this.#step;
    this.#show(this.#place + this.#step);
  }

  #show(place) {
    this.#place = place;
    const frame = this.#frames[place];
    this.#result.standIn(frame);
    this.#editor.standIn(frame.mask);
    byId("along").value = place;
    byId("way-value").textContent = `frame ${place + 1} of ${Number(byId("along").max) + 1}`;
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#showPlaying(false);
  }

  #showPlaying(playing) {
    byId("play").querySelector("use").setAttribute("href", `icons.svg#${playing ? "stop" : "play"}`);
    byId("play").querySelector("span").textContent = playing ? "Stop" : "Play";
  }

  #showButtons() {
    const ready = this.#ends.every(Boolean);
    byId("play").disabled = !ready;
    for (const id of ["save-gif", "save-mp4"]) byId(id).disabled = !ready || this.#filming;
  }

  async #save(container) {
    const model = this.#model;
    this.#filming = true;
    this.#showButtons();
    try {
      const film = { ...this.#body, container, frame_rate: FRAMES_PER_SECOND };
      download(await postForBlob(`models/${model.id}/film`, film), `${model.name}-from-a-to-b.${container}`);
    } catch (error) {
      tell(error);
    }
    this.#filming = false;
    this.#showButtons();
  }
}

function toBitmap(base64) {
  return createImageBitmap(new Blob([fromBase64(base64)], { type: "image/png" }));
}
