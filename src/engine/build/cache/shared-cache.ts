/** The caches of `--cache-from`, as the executor sees them. */
import type { BuildRequest } from '../../../api/index.ts';
import { type SharedHit, type SharedSource, SharedSources } from '../../../cache/index.ts';
import { isMkimageError, MkimageError } from '../../../errors.ts';
import type { SharedCache } from '../../../executor/index.ts';
import type { Layer } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { EngineCall } from '../../call.ts';
import type { Services } from '../../services.ts';
import { fetchLayer, type LayerOrigin } from './fetch-layer.ts';

export interface OpenSharedCache extends SharedCache {
  readonly sources: SharedSources;
}

type CacheUse = Pick<Services, 'store' | 'tapLayer' | 'remoteLayers' | 'caches'>;

/** How long reading the records of one cache may take by default, in milliseconds. */
const PATIENCE_MS = 15_000;
/** How long fetching a layer may take in addition to the time that making it took. */
const FETCH_GRACE_MS = 10_000;
/** For a record that does not say how long its step took. */
const UNKNOWN_MS = 60_000;

/** Returns undefined if the build has no such caches. Throws `usage` for missing settings. */
export async function openSharedCache(
  services: CacheUse,
  { cacheFrom }: Pick<BuildRequest, 'cacheFrom'>,
  call: EngineCall,
): Promise<OpenSharedCache | undefined> {
  if (cacheFrom.length === 0) return undefined;
  const opened = await Promise.all(
    cacheFrom.map(async ({ location, timeoutMs = PATIENCE_MS }) => ({
      source: await services.caches.open(location, call),
      patienceMs: timeoutMs,
    })),
  );
  return createSharedCache(services, new SharedSources(opened));
}

export function createSharedCache(services: CacheUse, sources: SharedSources): OpenSharedCache {
  const owner = new LayerOwner(services, sources);
  return {
    sources,
    lookup: async (keys, call) => {
      const hit = await sources.lookup(keys, call);
      if (hit === undefined) return undefined;
      await owner.register(hit);
      return { record: hit.record, from: hit.from.title };
    },
    previous: (place, call) => sources.previous(place, call),
    readListing: (digest, call) => sources.readListing(digest, call),
  };
}

interface RemoteFetch {
  readonly layer: Layer;
  readonly origin: LayerOrigin;
  readonly ms: number;
}

/** Knows which layers come from which source, and drops what turns out to be damaged or too slow. */
class LayerOwner {
  readonly #services: CacheUse;
  readonly #sources: SharedSources;
  readonly #layers = new Map<SharedSource, Set<Layer>>();

  constructor(services: CacheUse, sources: SharedSources) {
    this.#services = services;
    this.#sources = sources;
  }

  async register({ record, from, form }: SharedHit): Promise<void> {
    const { store, remoteLayers } = this.#services;
    const { layer, ms = UNKNOWN_MS } = record;
    if (layer === null || form === undefined || remoteLayers.has(layer) || (await store.has(layer.blob))) return;
    const layers = this.#layers.get(from) ?? new Set();
    this.#layers.set(from, layers.add(layer));
    remoteLayers.add(layer, (wanted, call) => this.#fetch({ layer: wanted, origin: { from, form }, ms }, call));
  }

  async #fetch({ layer, origin, ms }: RemoteFetch, call: Call): Promise<void> {
    const patience = AbortSignal.timeout(ms + FETCH_GRACE_MS);
    try {
      const bounded = { ...call, signal: AbortSignal.any([call.signal, patience]) };
      await fetchLayer(this.#services, { ...origin, layer }, bounded);
    } catch (error) {
      if (call.signal.aborted && !isEntryFault(error)) throw error;
      throw this.#drop({ ...origin, layer }, error, call);
    }
  }

  /** Makes the layer a miss, and with a source that does not answer all its layers. The build is then repeated from there. */
  #drop({ layer, from }: LayerOrigin & { readonly layer: Layer }, error: unknown, call: Call): MkimageError {
    const { remoteLayers } = this.#services;
    const isEntry = isEntryFault(error);
    const why = isMkimageError(error, 'cancelled') ? 'it takes longer than the step' : messageOf(error);
    for (const each of isEntry ? [layer] : (this.#layers.get(from) ?? [])) remoteLayers.forget(each);
    if (isEntry) this.#sources.dropLayer(from, layer.diffId);
    else this.#sources.dropSource(from);
    const consequence = isEntry ? 'its step runs instead' : 'this cache is not used any more';
    call.report({ type: 'warning', message: `cannot fetch a layer from ${from.title}: ${why}; ${consequence}` });
    return new MkimageError('not-found', `fetch layer \`${layer.diffId}\`: ${why}`, {
      cause: error,
      suspect: { kind: 'remote-layer', diffId: layer.diffId },
    });
  }
}

/** Faults of one entry: the others of the same cache may be sound. */
const ENTRY_FAULTS: ReadonlySet<string> = new Set([
  'integrity',
  'not-found',
  'invalid-archive',
  'limit',
  'unsupported',
]);

function isEntryFault(error: unknown): boolean {
  return isMkimageError(error) && ENTRY_FAULTS.has(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
