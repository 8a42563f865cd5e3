import { ByteFeed } from './byte-feed.ts';
import { ZstdBlocks } from './zstd-block.ts';
import { type BlockHeader, type FrameHeader, readBlockHeader, readFrameHeader, requireBytes } from './zstd-header.ts';

/**
 * Decompresses zstd with any number of frames, one block (up to 128 KiB of output) at a time. (Node's own decoder stops after the
 * first frame and reports no error.) Throws `limit` for a window above 128 MiB.
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const feed = new ByteFeed(source);
  try {
    for (let frame = await readFrameHeader(feed); frame !== undefined; frame = await readFrameHeader(feed)) {
      yield* decodeFrame(feed, frame, new ZstdBlocks(Decompress, frame.window));
    }
  } finally {
    await feed.close();
  }
}

async function* decodeFrame(feed: ByteFeed, frame: FrameHeader, blocks: ZstdBlocks): AsyncIterable<Uint8Array> {
  let size = 0;
  for (let isLast = false; !isLast; ) {
    const header = await readBlockHeader(feed);
    const bytes = await decodeBlock(feed, header, blocks);
    blocks.remember(bytes);
    size += bytes.length;
    isLast = header.isLast;
    if (bytes.length > 0) yield bytes;
  }
  if (frame.contentSize !== undefined && frame.contentSize !== size)
    throw new Error('the size does not match the header');
  if (frame.hasChecksum && !(await feed.skip(4))) throw new Error('the data ends early');
}

async function decodeBlock(feed: ByteFeed, { kind, size }: BlockHeader, blocks: ZstdBlocks): Promise<Uint8Array> {
  const length = kind === 'repeated' ? 1 : size;
  await requireBytes(feed, length);
  const content = feed.take(length);
  switch (kind) {
    case 'raw':
      return Buffer.from(content);
    case 'repeated':
      return Buffer.alloc(size, content[0]);
    case 'compressed':
      return blocks.decode(content);
  }
}
