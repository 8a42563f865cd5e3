/** Samples of 4 KiB, this many in a member. */
const SAMPLE = 4096;
const SAMPLES = 16;

/** Bits in a byte that compressed or encrypted data has; text has 4 to 5, programs about 6. */
const FULL = 7.85;

/** True if the bytes look compressed already: a guess from a few slices that costs 0.1 ms and is the same everywhere. */
export function isIncompressible(bytes: Uint8Array): boolean {
  if (bytes.length < SAMPLE * SAMPLES) return false;
  const counts = new Uint32Array(256);
  const stride = Math.floor((bytes.length - SAMPLE) / (SAMPLES - 1));
  for (let sample = 0; sample < SAMPLES; sample++) {
    const start = sample * stride;
    for (let at = start; at < start + SAMPLE; at++) counts[bytes[at]!]!++;
  }
  return entropyOf(counts, SAMPLE * SAMPLES) >= FULL;
}

/** Shannon entropy in bits for each byte. */
function entropyOf(counts: Uint32Array, total: number): number {
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= count * Math.log2(count / total);
  return sum / total;
}
