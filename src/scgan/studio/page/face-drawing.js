// Masks of faces, drawn by the server while landmarks or the expression change.

import { rasterize } from "./api.js";
import { flipPhoto, similarity, transformPhoto } from "./landmarks.js";
import { latestOnly } from "./latest.js";
import { serverMaskPatch } from "./masks.js";
import { onReconnect, showError } from "./notices.js";

export class FaceDrawing {
  #studio;
  #store;
  #request = latestOnly((face) => this.#rasterize(face));
  #lastRequest = null;
  #expressions = new WeakMap(); // landmarks to the response that measures their expression
  /** True while a drag is in progress. */
  isDragging = false;

  constructor(studio) {
    this.#studio = studio;
    this.#store = studio.store;
    this.#store.addEventListener("change", () => this.#complete());
    onReconnect(() => this.#store.present && this.#complete());
  }

  #rasterize(face) {
    return rasterize(this.#studio.model, face);
  }

  /** Ask for a face in the position of the training faces. */
  align(landmarks) {
    return this.#rasterize({ landmarks, align: true });
  }

  /** Change the whole face by the server: { mirror: true } or { align: true }. */
  async transform(change) {
    await this.#lastRequest?.catch(() => {}); // the previous step may still change the landmarks
    try {
      const { landmarks, photo } = this.#store.present;
      const face = await this.#request({ landmarks, ...change });
      if (!face || this.#store.present.landmarks !== landmarks) return;
      const moved = () => transformPhoto(photo, similarity(landmarks, face.landmarks));
      this.#store.change({ ...serverMaskPatch(face), photo: change.mirror ? flipPhoto(photo) : moved() });
    } catch (error) {
      showError(error);
    }
  }

  /** Preview moved landmarks. */
  previewLandmarks(landmarks) {
    const face = { landmarks };
    this.#store.preview({ landmarks, expressionBase: landmarks, pendingFace: face });
    this.#draw(face);
  }

  /** Preview the face with one value of its expression changed. */
  previewExpression(name, value) {
    const { expressionBase, expression } = this.#store.present;
    const face = { landmarks: expressionBase, expression: { ...expression, [name]: value } };
    this.#store.preview({ expression: face.expression, pendingFace: face });
    this.#draw(face);
  }

  /** Commit the preview as soon as its mask is drawn. */
  async commit() {
    const request = this.#lastRequest;
    await request?.catch(() => {});
    if (request === this.#lastRequest && !this.isDragging) this.#store.commit();
  }

  /** Request the mask of a face. The response is ignored if the state has moved on. */
  #draw(face) {
    const request = this.#request(face).then((response) => {
      if (!response) return;
      const patch = serverMaskPatch(response);
      const { pendingFace } = this.#store.present;
      if (pendingFace === face) {
        const base = face.expression && { expressionBase: face.landmarks, expression: face.expression };
        this.#store.amend({ ...patch, ...base });
      } else if (pendingFace && this.#store.isPreview) {
        this.#store.amend({ mask: patch.mask }); // the pointer is already further: show the latest mask
      }
    });
    this.#lastRequest = request;
    request.catch(showError);
  }

  /** Request what the present state lacks: its mask or its expression. */
  #complete() {
    const { landmarks, expression, pendingFace } = this.#store.present;
    // The mask is missing if the step was left before its response, or if the server was unreachable.
    if (pendingFace && !this.#store.isPreview) this.#draw(pendingFace);
    if (landmarks && !expression) this.#measure(landmarks);
  }

  async #measure(landmarks) {
    if (!this.#expressions.has(landmarks)) this.#expressions.set(landmarks, this.#rasterize({ landmarks }));
    try {
      const { expression } = await this.#expressions.get(landmarks);
      const { present } = this.#store;
      if (expression && present.landmarks === landmarks && !present.expression) this.#store.amend({ expression });
    } catch (error) {
      this.#expressions.delete(landmarks);
      showError(error);
    }
  }
}
