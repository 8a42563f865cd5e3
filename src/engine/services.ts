/** The only place that names backends. Large ones are imported on demand. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import type { Cache } from '../cache/index.ts';
import { openLocalCache } from '../cache/local.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import type { TryLock } from '../executor/index.ts';
import { FileLock } from '../host/owners/lock.ts';
import { livenessOf, thisOwner } from '../host/owners/owner.ts';
import { LayerCatalog } from '../layer/index.ts';
import { setLimits } from '../limits.ts';
import { type Descriptor, type Digest, formatPlatform } from '../oci/index.ts';
import type { Log } from '../progress.ts';
import type { Registry } from '../registry/index.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { DeviceFilter } from '../sandbox/select.ts';
import type { Maker, Snapshotter } from '../snapshot/index.ts';
import type { Store } from '../store/index.ts';
import { LayoutStore } from '../store/layout-store.ts';
import type { Config } from './config.ts';
import { type ContextServices, contextServices } from './context-services.ts';
import { FOLDERS, type FolderId } from './folders.ts';
import { httpOnDemand } from './http-on-demand.ts';
import { registryOnDemand } from './registry-on-demand.ts';

export interface Services extends AsyncDisposable {
  readonly config: Config;
  readonly store: Store;
  readonly cache: Cache;
  readonly catalog: LayerCatalog;
  readonly registry: Registry;
  /** Creates the stream that a layer's bytes pass through on their way into the store: it verifies and lists them. */
  readonly tapLayer: (blob: Descriptor, diffId: Digest) => Transform;
  readonly contexts: ContextServices;
  readonly tryLock: TryLock;
  readonly maker: Maker;
  readonly snapshotter: () => Promise<Snapshotter>;
  /** undefined: the default of this machine. Throws `sandbox` if the isolation is not available. */
  readonly sandbox: (wanted: string | undefined) => Promise<Sandbox>;
  /** Returns a folder below the root; creates it on request. */
  readonly folder: (id: FolderId) => string;
}

/** Opens the store and the services that use it. This costs only a few stats: nothing is read before it is needed. */
export function openServices(config: Config): Services {
  setLimits(config.limits);
  tellConfig(config);
  const store = LayoutStore.open(config.root, config.log);
  const folder = (id: FolderId): string => {
    const directory = join(config.root, FOLDERS[id].path);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  };
  const catalog = new LayerCatalog({
    directory: join(config.root, FOLDERS.listings.path),
    scratch: join(config.root, FOLDERS.temporary.path),
    store,
  });
  const http = httpOnDemand(config);
  const registry = registryOnDemand(
    once(async () => {
      const { RegistryClient } = await import('../registry/client.ts');
      return new RegistryClient({ http: await http.client() });
    }),
  );
  const sandboxes = new Sandboxes(folder, config.log);
  return {
    config,
    store,
    cache: openLocalCache({ directory: join(config.root, FOLDERS.records.path), now: () => Date.parse(config.now()) }),
    catalog,
    registry,
    tapLayer: (blob, diffId) => catalog.tap(blob, diffId),
    contexts: contextServices(config, folder, http.client),
    tryLock,
    maker: thisMaker(),
    snapshotter: once(() => openSnapshotter(catalog, folder, config.log)),
    sandbox: (wanted = 'auto') => sandboxes.select(wanted),
    folder,
    [Symbol.asyncDispose]: async () => {
      await sandboxes[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

function tellConfig({ log, root, platform, isolation, keepStorage, trustedHosts, authorities, limits }: Config): void {
  log?.debug('engine', 'configuration', {
    root,
    platform: formatPlatform(platform),
    isolation: isolation ?? 'auto',
    keepStorage: keepStorage ?? 'a share of the disk',
    trustedHosts: trustedHosts.length === 0 ? undefined : trustedHosts.join(' '),
    authorities: authorities?.certificates.length,
  });
  log?.debug('engine', 'limits', limits);
}

function thisMaker(): Maker {
  return { name: thisOwner(), livenessOf };
}

async function openSnapshotter(
  catalog: LayerCatalog,
  folder: (id: FolderId) => string,
  log: Log | undefined,
): Promise<Snapshotter> {
  const { selectSnapshotter } = await import('../snapshot/select.ts');
  return selectSnapshotter({
    directory: folder('unpacked'),
    log,
    maker: thisMaker(),
    unpack: (layer, target, call) => catalog.unpack(layer, target, call),
  });
}

/** Owns the sandboxes of all builds, and the device filter that their steps share. */
class Sandboxes implements AsyncDisposable {
  readonly #folder: (id: FolderId) => string;
  readonly #log: Log | undefined;
  #devices: DeviceFilter | undefined;

  constructor(folder: (id: FolderId) => string, log: Log | undefined) {
    this.#folder = folder;
    this.#log = log;
  }

  async select(wanted: string): Promise<Sandbox> {
    const { DeviceFilter, isIsolation, selectSandbox } = await import('../sandbox/select.ts');
    if (!isIsolation(wanted)) throw unknownIsolation(wanted);
    this.#devices ??= new DeviceFilter(thisMaker());
    return selectSandbox({ wanted, directory: this.#folder('probes'), devices: this.#devices, log: this.#log });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#devices?.[Symbol.asyncDispose]();
  }
}

function unknownIsolation(wanted: string): MkimageError {
  return new MkimageError('usage', `run steps with isolation \`${wanted}\`: unknown isolation`, {
    hint: 'known values are auto, runc, crun and namespaces',
  });
}

/** Holds a file lock until it is disposed. */
async function tryLock(folder: string, waitMs: number): Promise<AsyncDisposable | undefined> {
  return new Promise((settle, fail) => {
    const holding = (): Promise<void> =>
      new Promise((release) => settle({ [Symbol.asyncDispose]: async () => release() }));
    new FileLock(folder).hold(waitMs, holding).catch((error: unknown) => {
      if (isMkimageError(error, 'in-use')) settle(undefined);
      else fail(error);
    });
  });
}

/** Returns a function that starts the work at the first call and gives every caller the same promise. */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= start();
    return begun;
  };
}
