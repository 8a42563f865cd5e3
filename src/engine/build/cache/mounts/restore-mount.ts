/** Brings the files of a cache mount from a shared cache. */
import type { FoundMount, SharedSources } from '../../../../cache/index.ts';
import { MkimageError } from '../../../../errors.ts';
import { type Layer, MEDIA_TYPE } from '../../../../oci/index.ts';
import { boundCall, type Call } from '../../../../progress.ts';
import type { Services } from '../../../services.ts';
import { fetchLayer } from '../fetch-layer.ts';

export type RestoreServices = Pick<Services, 'store' | 'tapLayer' | 'catalog'> & { readonly sources: SharedSources };

const PATIENCE_MS = 120_000;
const MOST_BYTES = 8 * 1024 ** 3;
/** What a mount is made of: no devices, and no pipes at which a reader would wait. */
const KINDS: ReadonlySet<string> = new Set(['file', 'directory', 'symlink']);

/**
 * Returns false if no source has the mount, or if its files are damaged, hostile or too slow: then it begins empty. Every path is
 * resolved inside the directory, so nothing outside is reached.
 */
export async function restoreMount(
  services: RestoreServices,
  { key, id, directory }: { readonly key: string; readonly id: string; readonly directory: string },
  call: Call,
): Promise<boolean> {
  const found = await services.sources.findMount(key, call);
  if (found === undefined) return false;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const step = `cache-mount/${key}`;
  call.report({ type: 'step-started', step, name: `[internal] restore cache mount ${id} from ${found.from.title}` });
  try {
    await fill(services, { found, directory }, boundCall(call, patience));
    call.report({ type: 'step-finished', step });
    return true;
  } catch (error) {
    const why = patience.aborted ? 'it takes too long' : error instanceof Error ? error.message : String(error);
    call.report({ type: 'step-failed', step, error: why });
    if (call.signal.aborted) throw error;
    call.report({ type: 'warning', message: `cache mount \`${id}\` begins empty: ${why}` });
    return false;
  }
}

async function fill(
  services: RestoreServices,
  { found: { mount, from, forms }, directory }: { readonly found: FoundMount; readonly directory: string },
  call: Call,
): Promise<void> {
  const wanted = mount.layers.map((diffId) => ({ diffId, form: forms.get(diffId)! }));
  if (wanted.reduce((sum, { form }) => sum + form.size, 0) > MOST_BYTES)
    throw new MkimageError('limit', `it has more than ${MOST_BYTES} bytes`);
  for (const { diffId, form } of wanted) {
    const layer: Layer = { diffId, blob: { mediaType: MEDIA_TYPE.layer, digest: diffId, size: form.size } };
    if (!(await services.store.has(layer.blob))) await fetchLayer(services, { layer, from, form }, call);
    await refuseOtherKinds(services, layer, call);
    await services.catalog.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call);
  }
}

async function refuseOtherKinds({ catalog }: RestoreServices, layer: Layer, call: Call): Promise<void> {
  const index = await catalog.index(layer, call);
  for (const { type } of index.entries())
    if (!KINDS.has(type)) throw new MkimageError('invalid-archive', `it has an object of the kind ${type}`);
}
