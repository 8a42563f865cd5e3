/** Reads zstd, however many frames. (Node's own reader stops after the first one without a word.) */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let plain: Uint8Array[] = [];
  const reader = new Decompress((bytes) => plain.push(bytes));
  for await (const piece of source) {
    reader.push(piece);
    yield* plain;
    plain = [];
  }
  reader.push(new Uint8Array(0), true);
  yield* plain;
}
