// The studio's model, computed by the server. No other module sends requests.
//
// `scgan export --format web` replaces this module by one that computes in the browser (exports/browser/api.js). Both
// export the same functions. Their arguments and results are the messages of studio/messages.py; `model` is a
// ModelDescription, and segmentations are base64.

import { fromBase64 } from "./masks.js";
import { ApiError, TokenRequired, Unreachable } from "./errors.js";

export const PRIVACY = "Photos and masks stay on the machine that runs the studio. Nothing is stored.";

const client = crypto.getRandomValues(new Uint32Array(2)).join("-");

// The token comes in the fragment, which browsers do not send. Remove it from the address bar at once.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname);
}

export function setToken(token) {
  sessionStorage.setItem("token", token);
}

async function request(path, options = {}) {
  const headers = { ...options.headers, "Studio-Client": client };
  const token = sessionStorage.getItem("token");
  if (token) headers["Studio-Token"] = token; // a proxy may use Authorization for itself
  let response;
  try {
    response = await fetch(`api/${path}`, { ...options, headers });
  } catch (error) {
    throw options.signal?.aborted ? error : new Unreachable();
  }
  if (response.ok) return response;
  if (response.status === 401) throw new TokenRequired();
  const body = await response.json().catch(() => ({}));
  throw new ApiError(body.error ?? `The server responded with status ${response.status}.`, response.status);
}

const post = (path, body) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const getJson = async (path) => (await request(path)).json();
const postJson = async (path, body) => (await post(path, body)).json();
const postForBlob = async (path, body) => readBlob(await post(path, body));

/** Describe all models. */
export const listModels = () => getJson("models");

export const listExamples = (model) => getJson(`models/${model.id}/examples`);

/** Generate the image of a specification: a Blob with a PNG file. */
export const generateImage = (model, spec) => postForBlob(`models/${model.id}/image`, spec);

/** Generate an image of one mask for each appearance: addresses for <img>. */
export async function generateImages(model, segmentation, appearances) {
  const { images } = await postJson(`models/${model.id}/images`, { segmentation, appearances });
  return images.map((image) => `data:image/png;base64,${image}`);
}

/** Change the landmarks of a face as requested, and draw their mask. */
export const rasterize = (model, face) => postJson(`models/${model.id}/rasterize`, face);

/**
 * Find the inputs that make a photo again: yields {photo, image, segmentation, landmarks, attributes, total}, then
 * {step, share, image} for each step. `image` is an address for <img>, or null.
 */
export async function* invertPhoto(model, file, crop, signal) {
  const path = withQuery(`models/${model.id}/invert`, crop);
  for await (const line of readLines(await request(path, { ...fileOptions(file), signal }), signal)) {
    yield { ...line, image: line.image && `data:image/png;base64,${line.image}` };
  }
}

/** Edit a photo that was opened by invertPhoto: a Blob with an image file. */
export const editPhoto = (model, photo, edit) => postForBlob(`models/${model.id}/photos/${photo}/edit`, edit);

/** Put the last edit into the photo at its full size: a Blob with a JPEG file. */
export const savePhoto = async (model, photo, file) =>
  readBlob(await request(`models/${model.id}/photos/${photo}/save`, fileOptions(file)));

/** Generate the frames of an animation, {image: Blob, mask}, each as soon as it is ready. */
export async function* generateFrames(model, animation, signal) {
  for await (const { image, segmentation } of postForLines(`models/${model.id}/animation`, animation, signal)) {
    yield { image: new Blob([fromBase64(image)], { type: "image/png" }), mask: fromBase64(segmentation) };
  }
}

/** Encode an animation as a video file. */
export const encodeVideo = (model, video) => postForBlob(`models/${model.id}/video`, video);

/** Encode a mask as a PNG file with a palette. */
export const encodeMask = (model, segmentation) => postForBlob(`models/${model.id}/mask`, { segmentation });

/** Write the values from which `scgan generate --from` generates the image again. */
export const writeManifest = (model, spec) => postJson(`models/${model.id}/manifest`, spec);

/** Read a mask file, or a JSON file that the studio saved. */
export const readFile = (model, file) => postFile(`models/${model.id}/open`, file);

/** Find the landmarks of the face in a part of a photo, and draw their mask. */
export const detectLandmarks = (model, file, crop) => postFile(`models/${model.id}/landmarks`, file, crop);

/** Find the classes of a part of a photo. */
export const segmentPhoto = (model, file, crop) => postFile(`models/${model.id}/segment`, file, crop);

/** Upload a file and parse the JSON response. `query` becomes the query string. */
async function postFile(path, file, query) {
  return (await request(withQuery(path, query), fileOptions(file))).json();
}

const fileOptions = (body) => ({ method: "POST", headers: { "Content-Type": "application/octet-stream" }, body });

function withQuery(path, query = {}) {
  const search = new URLSearchParams(query);
  return search.size ? `${path}?${search}` : path;
}

/** Send JSON and parse each line of the response as it arrives. */
async function* postForLines(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  yield* readLines(await request(path, { method: "POST", headers, body: JSON.stringify(body), signal }), signal);
}

/** Parse each line of a response as it arrives. */
async function* readLines(response, signal) {
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Unreachable();
    });
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const item = JSON.parse(line);
      if (item.error) throw new ApiError(item.error, 422);
      yield item;
    }
  }
}

async function readBlob(response) {
  try {
    return await response.blob();
  } catch {
    throw new Unreachable();
  }
}
