import { buffer } from 'node:stream/consumers';
import { type ContentSource, verifyStream } from '../../content/index.ts';
import type { Descriptor } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';

/** Reads a whole blob into memory and verifies it. Throws `integrity`. */
export async function readBlob(source: ContentSource, blob: Descriptor, call: Call): Promise<Buffer> {
  return buffer(verifyStream(await source.open(blob, call), blob));
}
