// Random latents. A seed gives the numbers that PyTorch draws from it in Python (utils/random.py).

const WORD = 64;
const u64 = (value) => BigInt.asUintN(WORD, value);
const rotate = (value, bits) => u64((value >> BigInt(bits)) | (value << BigInt(WORD - bits)));

const BLAKE2B_START = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];
const BLAKE2B_ORDERS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const BLAKE2B_COLUMNS = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];

/** First 8 bytes of BLAKE2b (RFC 7693) with a digest of 8 bytes, as a little-endian number. At most 128 bytes of text. */
function blake2b(text) {
  const bytes = new Uint8Array(128);
  const { read, written } = new TextEncoder().encodeInto(text, bytes);
  if (read < text.length) throw new Error("The text is too long.");
  const words = [...new BigUint64Array(bytes.buffer)]; // every machine with a browser is little-endian
  const start = [...BLAKE2B_START];
  start[0] ^= 0x01010000n ^ 8n;
  const state = [...start, ...BLAKE2B_START];
  state[12] ^= BigInt(written);
  state[14] = u64(~state[14]); // the first block is the last one
  for (let round = 0; round < 12; round++) {
    const order = BLAKE2B_ORDERS[round % 10];
    BLAKE2B_COLUMNS.forEach(([a, b, c, d], column) => {
      for (const [half, [first, second]] of [[32, 24], [16, 63]].entries()) {
        state[a] = u64(state[a] + state[b] + words[order[2 * column + half]]);
        state[d] = rotate(state[d] ^ state[a], first);
        state[c] = u64(state[c] + state[d]);
        state[b] = rotate(state[b] ^ state[c], second);
      }
    });
  }
  return start[0] ^ state[0] ^ state[8];
}

/** Mersenne Twister MT19937: a function that returns the next number of 32 bits. */
function mersenneTwister(seed) {
  const [length, middle] = [624, 397];
  const state = new Uint32Array(length);
  state[0] = seed;
  for (let index = 1; index < length; index++) {
    const last = state[index - 1] ^ (state[index - 1] >>> 30);
    state[index] = Math.imul(1812433253, last) + index;
  }
  let position = length;
  return () => {
    if (position === length) {
      for (let index = 0; index < length; index++) {
        const joined = (state[index] & 0x80000000) | (state[(index + 1) % length] & 0x7fffffff);
        state[index] = state[(index + middle) % length] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
      }
      position = 0;
    }
    let value = state[position++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  };
}

const circle = (radius, turn) => [radius * Math.cos(2 * Math.PI * turn), radius * Math.sin(2 * Math.PI * turn)];

/** Replace 16 uniform numbers by normal ones (Box and Muller). */
function toNormal(numbers) {
  for (let index = 0; index < 8; index++) {
    const radius = Math.sqrt(-2 * Math.log(1 - numbers[index]));
    [numbers[index], numbers[index + 8]] = circle(radius, numbers[index + 8]);
  }
}

/** Draw `count` standard normal numbers as torch.randn does: in blocks of 16, or in double precision if there are fewer. */
function drawNormal(random, count) {
  const numbers = new Float32Array(count);
  if (count < 16) {
    const uniform = () => {
      const high = random() & 0x1fffff;
      return (high * 2 ** 32 + random()) * 2 ** -53;
    };
    for (let index = 0; index < count; index += 2) {
      const turn = uniform();
      const pair = circle(Math.sqrt(-2 * Math.log1p(-uniform())), turn);
      numbers.set(pair.slice(0, count - index), index);
    }
    return numbers;
  }
  const fill = (part) => part.forEach((_, index) => (part[index] = (random() & 0xffffff) * 2 ** -24));
  fill(numbers);
  for (let start = 0; start + 16 <= count; start += 16) toNormal(numbers.subarray(start, start + 16));
  if (count % 16) {
    const last = numbers.subarray(count - 16);
    fill(last);
    toNormal(last);
  }
  return numbers;
}

/** Draw the latent of a seed, as `Synthesizer.sample_latent` does. */
export function sampleLatent(seed, size) {
  const key = blake2b(`latent/${seed}`) >> 1n;
  return drawNormal(mersenneTwister(Number(key & 0xffffffffn)), size);
}
