import { pipeline, type Readable, type Transform } from 'node:stream';
import { throwIfCancelled } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { ContentSink, ContentSource } from './ports.ts';
import { labelsOfBlob, meterOf } from './transfer.ts';

export interface CopyOptions {
  readonly from: ContentSource;
  readonly to: ContentSink;
  /** Progress is reported under this step; none without it. */
  readonly step?: StepId;
  /** What the bytes pass through before they reach the sink. If it fails, so does the copy, and the sink keeps nothing. */
  readonly through?: () => Transform | Promise<Transform>;
  /** Copies also what the sink has: it was found damaged. */
  readonly replace?: boolean;
}

/**
 * Copies one blob, unless the sink has it: then nothing is opened and nothing reported. True if bytes were moved. The sink verifies
 * them and shows them when they are whole; a source that fails and a cancelled call leave nothing behind. Throws `not-found`,
 * `integrity`, `cancelled`.
 */
export async function copyContent(
  descriptor: Descriptor,
  { from, to, step, through, replace = false }: CopyOptions,
  call: Call,
): Promise<boolean> {
  throwIfCancelled(call.signal);
  if (!replace && (await to.has(descriptor))) return false;
  const source = await from.open(descriptor, call);
  try {
    const stages = [
      ...(step === undefined ? [] : [meterOf(labelsOfBlob(descriptor, step), call)]),
      ...(through === undefined ? [] : [await through()]),
    ];
    await to.put(descriptor, joined(source, stages), call);
  } finally {
    source.destroy();
  }
  return true;
}

/** Failures reach the sink as the error of the last stream; there is nothing to add here. */
function joined(source: Readable, stages: readonly Transform[]): Readable {
  if (stages.length > 0) pipeline([source, ...stages], () => {});
  return stages.at(-1) ?? source;
}
