/** Writes the root filesystem of an image as one tar: layers merged, whiteouts applied, owners and hard links kept. */
import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';
import {
  type BlobSink,
  type BlobWriter,
  type FileTree,
  reportTransfer,
  type SealedBlob,
  type Transfer,
  walkTree,
} from '../../content/index.ts';
import { throwIfCancelled } from '../../errors.ts';
import { type Change, LayerWriter } from '../../layer/index.ts';
import type { Call, StepId } from '../../progress.ts';
import { type Output, openOutput } from '../output.ts';

/** Entries between two checks whether the reader is slow. */
const BATCH = 64;

export interface RootfsTarget {
  /** A path, or `-`. */
  readonly dest: string;
  readonly stdout: () => Writable;
  /** Progress is reported under this step. */
  readonly step: StepId;
}

/**
 * Writes the tree into a tar. The root directory has no entry: the directory it is unpacked into keeps its own
 * attributes.
 */
export async function writeRootfsTar(tree: FileTree, target: RootfsTarget, call: Call): Promise<void> {
  await using output = await openOutput(target.dest, target.stdout, call.signal);
  await using writer = new LayerWriter(
    sinkTo(output, reportTransfer({ step: target.step, item: 'archive', total: undefined }, call)),
  );
  for await (const changes of batches(tree)) {
    await writer.addAll(changes, call);
    await output.waitForReader(call.signal);
  }
  throwIfCancelled(call.signal);
  await writer.finish();
}

/** The tree as changes to an empty root, in batches. The location of a file's bytes may have to be found first. */
async function* batches(tree: FileTree): AsyncIterable<readonly Change[]> {
  let batch: Change[] = [];
  for (const entry of walkTree(tree)) {
    if (entry.path === '') continue;
    batch.push(
      entry.type === 'file' ? { kind: 'put', entry, content: await tree.locate(entry.path) } : { kind: 'put', entry },
    );
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** The layer writer writes blobs; here its only blob is the output. */
function sinkTo(output: Output, transfer: Transfer): BlobSink {
  return { create: () => new OutputBlob(output, transfer) };
}

class OutputBlob implements BlobWriter {
  readonly #output: Output;
  readonly #transfer: Transfer;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;

  constructor(output: Output, transfer: Transfer) {
    this.#output = output;
    this.#transfer = transfer;
  }

  write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    this.#hash.update(bytes);
    this.#output.write(bytes);
    this.#transfer.addBytes(bytes.length);
  }

  async commit(): Promise<SealedBlob> {
    await this.#output.commit();
    this.#transfer.finish();
    return { digest: `sha256:${this.#hash.digest('hex')}`, size: this.#size };
  }

  /** The output itself removes what was not committed. */
  async abort(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
