// PNG files, encoded and decoded byte by byte: a canvas may change colours to hide the browser's identity.

import { ApiError } from "../errors.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
export const GREYSCALE_OR_INDEX = 1; // bytes of a pixel
export const RGB = 3;
const COLOR_TYPES = { greyscale: 0, rgb: 2, index: 3 };
const MAX_PIXELS = 16_000_000;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ~value;
}

function chunk(type, content) {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(content, 8);
  view.setInt32(content.length + 8, crc(bytes.subarray(4, content.length + 8)));
  return bytes;
}

const convert = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

/** Encode a square of RGB bytes, or of indices of a palette, as a Blob. */
export async function encodePng(pixels, size, pixelBytes, palette = null) {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, size);
  header.setUint32(4, size);
  header.setUint8(8, 8);
  header.setUint8(9, palette ? COLOR_TYPES.index : COLOR_TYPES.rgb);
  const rowLength = size * pixelBytes;
  const rows = new Uint8Array(size * (rowLength + 1)); // each row begins with its filter, 0
  for (let row = 0; row < size; row++) {
    rows.set(pixels.subarray(row * rowLength, (row + 1) * rowLength), row * (rowLength + 1) + 1);
  }
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    ...(palette ? [chunk("PLTE", Uint8Array.from(palette.flat()))] : []),
    chunk("IDAT", await convert(rows, new CompressionStream("deflate"))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Blob(parts, { type: "image/png" });
}

function* readChunks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = SIGNATURE.length; start + 12 <= bytes.length; ) {
    const length = view.getUint32(start);
    yield [String.fromCharCode(...bytes.subarray(start + 4, start + 8)), bytes.subarray(start + 8, start + 8 + length)];
    start += length + 12;
  }
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Undo the filters of rows of bytes, in which a pixel never takes more than one byte. */
function unfilter(rows, rowLength, height) {
  const pixels = new Uint8Array(rowLength * height);
  for (let row = 0; row < height; row++) {
    const filter = rows[row * (rowLength + 1)];
    for (let column = 0; column < rowLength; column++) {
      const at = row * rowLength + column;
      const left = column ? pixels[at - 1] : 0;
      const up = row ? pixels[at - rowLength] : 0;
      const corner = row && column ? pixels[at - rowLength - 1] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[at] = rows[row * (rowLength + 1) + column + 1] + guess;
    }
  }
  return pixels;
}

/** Decode a PNG file in greyscale or with a palette: {width, height, values, palette}, `palette` as triples or null. */
export async function decodePng(bytes) {
  const damaged = new ApiError("The file is not a PNG image, or damaged: open a mask that the studio saved.", 422);
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) throw damaged;
  let [header, palette, data] = [null, null, []];
  for (const [type, content] of readChunks(bytes)) {
    if (type === "IHDR" && content.length === 13) header = new DataView(content.buffer, content.byteOffset);
    if (type === "PLTE") palette = Array.from({ length: content.length / 3 }, (_, i) => [...content.subarray(3 * i, 3 * i + 3)]);
    if (type === "IDAT") data.push(content);
  }
  if (!header || !data.length) throw damaged;
  const [width, height, bits, colors, interlaced] = [header.getUint32(0), header.getUint32(4), ...[8, 9, 12].map((at) => header.getUint8(at))];
  if (bits > 8 || interlaced || ![COLOR_TYPES.greyscale, COLOR_TYPES.index].includes(colors) || width * height > MAX_PIXELS) {
    throw new ApiError("This page opens masks as PNG files of one byte per pixel: class indices, or a palette.", 422);
  }
  const rowLength = Math.ceil((width * bits) / 8);
  const rows = await convert(new Blob(data), new DecompressionStream("deflate")).catch(() => null);
  if (rows?.length !== height * (rowLength + 1)) throw damaged;
  const packed = unfilter(rows, rowLength, height);
  const values = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * bits;
      values[row * width + column] = (packed[row * rowLength + (bit >> 3)] >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
    }
  }
  return { width, height, values, palette: colors === COLOR_TYPES.index ? palette : null };
}
