import { pipeline, type Readable, type Transform } from 'node:stream';
import { throwIfCancelled } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { ContentSink, ContentSource } from './ports.ts';
import { createMeter, labelsOfBlob } from './transfer.ts';

export interface CopyOptions {
  readonly from: ContentSource;
  readonly to: ContentSink;
  /** The step under which progress is reported. Without it, no progress is reported. */
  readonly step?: StepId;
  /** A transform between source and sink. If it fails, the copy fails and the sink keeps nothing. */
  readonly createTransform?: () => Transform | Promise<Transform>;
  /** Copies the blob even if the sink has it, because the sink's copy is damaged. */
  readonly replace?: boolean;
}

/**
 * Copies one blob. If the sink already has it, opens and reports nothing. Returns true if bytes were copied. The sink verifies the
 * bytes and makes the blob visible only when it is complete. A failed source or a cancelled call leaves nothing in the sink. Throws
 * `not-found`, `integrity`, `cancelled`.
 */
export async function copyContent(
  descriptor: Descriptor,
  { from, to, step, createTransform, replace = false }: CopyOptions,
  call: Call,
): Promise<boolean> {
  throwIfCancelled(call.signal);
  if (!replace && (await to.has(descriptor))) return false;
  const source = await from.open(descriptor, call);
  try {
    const stages = [
      ...(step === undefined ? [] : [createMeter(labelsOfBlob(descriptor, step), call)]),
      ...(createTransform === undefined ? [] : [await createTransform()]),
    ];
    await to.put(descriptor, joinStreams(source, stages), call);
  } finally {
    source.destroy();
  }
  return true;
}

/** `pipeline` passes every failure to the last stream, which the sink reads; so the callback is empty. */
function joinStreams(source: Readable, stages: readonly Transform[]): Readable {
  if (stages.length > 0) pipeline([source, ...stages], () => {});
  return stages.at(-1) ?? source;
}
