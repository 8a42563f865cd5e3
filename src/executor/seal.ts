import { type Change, LayerWriter } from '../layer/index.ts';
import type { Layer } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { Clock, LayerOutput } from './services.ts';

export interface Sealing {
  readonly services: LayerOutput;
  /** SOURCE_DATE_EPOCH in seconds; later times are set to it. */
  readonly epoch: number | undefined;
  readonly call: Call;
}

/** Writes changes as a layer into the store and stores its listing. */
export async function sealChanges(changes: Iterable<Change>, { services, epoch, call }: Sealing): Promise<Layer> {
  await using writer = new LayerWriter(services.blobs, { epoch });
  await writer.addAll(changes, call);
  const sealed = await writer.finish();
  services.trees.remember(sealed.layer, sealed.index);
  return sealed.layer;
}

/** The layer of the changes, or null if there are none. */
export async function sealNonEmpty(sealing: Sealing, changes: Iterable<Change>): Promise<Layer | null> {
  const iterator = changes[Symbol.iterator]();
  const first = iterator.next();
  return first.done === true ? null : sealChanges(resume(first.value, iterator), sealing);
}

/** Iterates the changes without an array of them: a layer may have very many. */
function* resume(first: Change, rest: Iterator<Change>): Iterable<Change> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/**
 * Modification time, in seconds, of directories that the build makes itself. It is constant, so that the same
 * instruction always makes the same layer. 1 February 1980, as in reproducible archives: zip has no earlier year in
 * any time zone.
 */
export function directoryTime({ epoch }: { readonly epoch: number | undefined }): number {
  return epoch ?? Date.UTC(1980, 1, 1) / 1000;
}

/** Modification time, in seconds, of files that the build itself writes. */
export function secondsNow(run: { readonly epoch: number | undefined; readonly services: Clock }): number {
  return run.epoch ?? Math.floor(Date.parse(run.services.now()) / 1000);
}
