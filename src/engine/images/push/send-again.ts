/** Repairs a push whose blobs have vanished. */
import { type ContentSource, workSideBySide } from '../../../content/index.ts';
import { isMkimageError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/index.ts';
import type { Call, StepId } from '../../../progress.ts';
import type { Repository } from '../../../registry/index.ts';

interface Blobs {
  /** All of the image. */
  readonly blobs: readonly Descriptor[];
  readonly repository: Repository;
  readonly from: ContentSource;
  readonly step: StepId;
}

const AT_ONCE = 4;

/**
 * Puts manifests. A registry may lose a blob between the question for it and the manifest (garbage collection, a cache that is
 * wrong, an upload that was confirmed but not stored). Then the blobs that it misses are sent without a question, and the manifests
 * once more.
 */
export async function sendAgainIfMissing(
  putManifests: () => Promise<unknown>,
  { blobs, repository, from, step }: Blobs,
  call: Call,
): Promise<void> {
  try {
    await putManifests();
  } catch (error) {
    const missing = findMissing(error, blobs);
    if (missing.length === 0) throw error;
    call.log?.debug('registry', 'blobs have vanished', { missing: missing.map(({ digest }) => digest).join(' ') });
    const work = (blob: Descriptor, bounded: Call) => repository.put(blob, { from, step, replace: true }, bounded);
    await workSideBySide(missing, { atOnce: AT_ONCE, work }, call);
    await putManifests();
  }
}

/** The blobs that a registry names as missing; all if it names none of them; none if the error is another one. */
function findMissing(error: unknown, blobs: readonly Descriptor[]): readonly Descriptor[] {
  if (!isMkimageError(error, 'registry') && !isMkimageError(error, 'not-found')) return [];
  const { faults = [], digests = [] } = error.evidence ?? {};
  if (!faults.some((code) => code === 'MANIFEST_BLOB_UNKNOWN' || code === 'BLOB_UNKNOWN')) return [];
  const named = blobs.filter(({ digest }) => digests.includes(digest));
  return named.length === 0 ? blobs : named;
}
