/** Verifies suspect data and removes it if it is damaged. Then it counts as missing, and is fetched or made again. */
import { suspectOf } from '../../content/index.ts';
import { MkimageError, type Suspect } from '../../errors.ts';
import type { Digest } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';

export interface MendServices extends Pick<Services, 'store' | 'snapshotter'> {
  readonly catalog: Pick<Services['catalog'], 'forget'>;
}

/** More damaged objects than this in one build are not single bad blocks. */
const MOST = 100;

/**
 * Does work that reads the store. If it fails on damaged data, removes that data and repeats the work. The work must
 * not have published anything before it fails.
 */
export async function withMending<T>(services: MendServices, work: () => Promise<T>, call: Call): Promise<T> {
  const seen = new Set<string>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const suspect = suspectOf(error);
      const key = JSON.stringify(suspect);
      if (suspect === undefined || seen.has(key) || seen.size === MOST || call.signal.aborted) throw error;
      seen.add(key);
      if (!(await removeDamaged(services, suspect, call))) throw error;
      if (suspect.kind === 'remote-layer') continue;
      call.report({
        type: 'warning',
        message: `${nameOf(suspect)} was damaged in the store; it will be fetched or made again`,
      });
    }
  }
}

interface BlameOptions {
  readonly call: Call;
  readonly others?: readonly Digest[] | undefined;
}

/**
 * Does work that reads the store once. If it fails on damaged data, removes that data, also from `others` that were
 * not read yet, and the error says what to do.
 */
export async function withBlame<T>(
  services: MendServices,
  work: () => Promise<T>,
  { call, others = [] }: BlameOptions,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const suspect = suspectOf(error);
    if (suspect === undefined || !(await removeDamaged(services, suspect, call))) throw error;
    for (const digest of others) await services.store.removeIfDamaged(digest, call);
    throw new MkimageError('integrity', `${nameOf(suspect)} is damaged in the store`, {
      cause: error,
      hint: 'it was removed; build, pull or load the image again',
    });
  }
}

/** Returns true if something was removed and can be made again. */
async function removeDamaged(
  { store, catalog, snapshotter }: MendServices,
  suspect: Suspect,
  call: Call,
): Promise<boolean> {
  switch (suspect.kind) {
    case 'blob':
      return store.removeIfDamaged(suspect.digest, call);
    case 'layer': {
      // The listing is always made again, because it may be wrong itself.
      catalog.forget(suspect.diffId);
      for (const digest of blobsOf(store, suspect)) await store.removeIfDamaged(digest, call);
      return true;
    }
    case 'unpacked':
      await (await snapshotter()).forget(suspect.chain);
      return true;
    case 'remote-layer':
      return true;
    default:
      return suspect satisfies never;
  }
}

function blobsOf(store: MendServices['store'], { diffId, blob }: Suspect & { kind: 'layer' }): ReadonlySet<Digest> {
  return new Set([
    diffId,
    ...(blob === undefined ? [] : [blob]),
    ...store.formsOf(diffId).map((form) => form.blob.digest),
  ]);
}

function nameOf(suspect: Suspect): string {
  switch (suspect.kind) {
    case 'blob':
      return `blob \`${suspect.digest}\``;
    case 'layer':
      return `layer \`${suspect.diffId}\``;
    case 'unpacked':
      return `the unpacked form of \`${suspect.chain}\``;
    case 'remote-layer':
      return `layer \`${suspect.diffId}\` of a cache`;
    default:
      return suspect satisfies never;
  }
}
