/** Size of a sample in bytes, and number of samples in a member. */
const SAMPLE = 4096;
const SAMPLES = 16;

/** Entropy of compressed or encrypted data in bits per byte. Text has 4 to 5, programs about 6. */
const FULL = 7.85;

/** Returns true if the bytes look compressed already. An estimate from samples: takes 0.1 ms, gives the same result on all hosts. */
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

/** Shannon entropy in bits per byte. */
function entropyOf(counts: Uint32Array, total: number): number {
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= count * Math.log2(count / total);
  return sum / total;
}
