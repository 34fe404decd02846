// Files of the exported folder.

import { ApiError } from "../errors.js";

const GZIP_SIGNATURE = [0x1f, 0x8b];

/** Load a file by its path in the folder: an ArrayBuffer. A gzip file is decompressed, unless the server has done so. */
export async function download(path) {
  const response = await fetch(new URL(`../${path}`, import.meta.url)).catch((error) => ({ ok: false, status: error.message }));
  if (!response.ok) {
    throw new ApiError(
      `The file ${path} could not be loaded (${response.status}): copy the whole folder to the host, and reload the page.`,
      404,
    );
  }
  const content = await response.arrayBuffer();
  const start = new Uint8Array(content, 0, Math.min(2, content.byteLength));
  if (!GZIP_SIGNATURE.every((byte, index) => start[index] === byte)) return content;
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().catch(() => {
    throw new ApiError(`The file ${path} is damaged: copy the folder to the host again.`, 404);
  });
}
