/** Writes the files of cache mounts to a cache whose records are complete. Nothing here fails a build or spoils the records. */
import { Readable } from 'node:stream';
import type { CacheTarget } from '../../../../api/index.ts';
import { encodeDocument, type SharedDocument, type SharedMount, type SharedStorage } from '../../../../cache/index.ts';
import { MkimageError } from '../../../../errors.ts';
import type { WorkPlan } from '../../../../plan/index.ts';
import { boundCall, type Call } from '../../../../progress.ts';
import type { Services } from '../../../services.ts';
import { listBlobs, writeLayer } from '../write-cache.ts';
import { type CollectedMount, collectMount } from './collect-mount.ts';
import { isWanted, listPlannedMounts, type PlannedMount } from './planned-mounts.ts';

export interface MountExport {
  readonly plan: Pick<WorkPlan, 'stages'>;
  readonly storage: SharedStorage;
  readonly target: Pick<CacheTarget, 'mounts' | 'mountsSize'>;
  /** As it was published. */
  readonly document: SharedDocument;
  /** Reports why something was left out. */
  readonly warn: (message: string) => void;
}

const PATIENCE_MS = 300_000;
const MOST_BYTES = 2 * 1024 ** 3;
/** Mounts hold many small texts and objects, which zstd packs well and fast. */
const COMPRESSION = { compression: 'zstd', level: undefined } as const;

export async function exportMounts(services: Services, work: MountExport, call: Call): Promise<void> {
  const { plan, target, warn } = work;
  if (target.mounts.length === 0) return;
  const planned = listPlannedMounts(plan);
  if (target.mounts !== 'all') {
    const unknown = target.mounts.filter((id) => !planned.some((mount) => mount.id === id));
    for (const id of unknown) warn(`no step of this build has the cache mount \`${id}\``);
  }
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const bounded = boundCall(call, patience);
  let { document } = work;
  for (const mount of planned.filter((each) => isWanted(each, target.mounts))) {
    try {
      document = await addMount(services, { ...work, document, mount }, bounded);
    } catch (error) {
      const why = patience.aborted ? 'it takes too long' : (error as Error).message;
      warn(`cannot export cache mount \`${mount.id}\`: ${why}`);
      if (bounded.signal.aborted) break;
    }
  }
  if (document === work.document) return;
  try {
    await work.storage.publish({ document: encodeDocument(document), blobs: listBlobs(document) }, call);
  } catch (error) {
    warn(`cannot export cache mounts: ${(error as Error).message}`);
  }
}

async function addMount(
  services: Services,
  { mount, storage, target, document }: MountExport & { readonly mount: PlannedMount },
  call: Call,
): Promise<SharedDocument> {
  const folder = services.folder('mounts');
  const mostBytes = target.mountsSize ?? MOST_BYTES;
  const collected = await collectMount(services, { mount, folder, mostBytes, earlier: document, storage }, call);
  if (collected === undefined) return document;
  const { layer, listing } = collected;
  const form = await writeLayer(services, { layer, storage, target: COMPRESSION }, call);
  const bytes = async () => Readable.from([listing.bytes], { objectMode: false });
  await storage.put({ blob: listing.blob, open: bytes }, call);
  const forms = new Map([...document.forms, [layer.diffId, { ...form, size: layer.blob.size }] as const]);
  const mounts = [...document.mounts.filter(({ key }) => key !== mount.key), describe(mount, collected)];
  const fits = encodeDocument({ ...document, forms, mounts }).length <= MOST_DOCUMENT;
  if (!fits) throw new MkimageError('limit', 'the list of records has no room for it');
  return { ...document, forms, mounts };
}

const MOST_DOCUMENT = 4 << 20;

function describe({ key, id }: PlannedMount, { below, layer, listing }: CollectedMount): SharedMount {
  return { key, id, layers: [...below, layer.diffId], files: listing.blob };
}
