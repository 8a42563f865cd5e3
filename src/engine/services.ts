/** The only place that names backends. Large ones are imported on demand. */

import { join } from 'node:path';
import type { Transform } from 'node:stream';
import type { IsolationInfo } from '../api/index.ts';
import type { Cache } from '../cache/index.ts';
import { openLocalCache } from '../cache/local.ts';
import { once } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { TryLock } from '../executor/index.ts';
import { makeDirectories, tryLock } from '../host/index.ts';
import { livenessOf, thisOwner } from '../host/owners/owner.ts';
import { LayerCatalog, RemoteLayers } from '../layer/index.ts';
import { setLimits } from '../limits.ts';
import { type Descriptor, type Digest, formatPlatform } from '../oci/index.ts';
import type { Log } from '../progress.ts';
import type { CredentialProvider, CredentialStore } from '../registry/index.ts';
import type { ContainerSandbox, Emulation, Sandbox } from '../sandbox/index.ts';
import type { DeviceFilter } from '../sandbox/select.ts';
import type { Maker, Snapshotter } from '../snapshot/index.ts';
import type { Store } from '../store/index.ts';
import { LayoutStore } from '../store/layout-store.ts';
import type { Config } from './config.ts';
import { type ContextServices, contextServices } from './context-services.ts';
import { listCredentialFiles } from './credential-files.ts';
import { credentialsOnDemand } from './credentials-on-demand.ts';
import { FOLDERS, type FolderId } from './folders.ts';
import { readHeldImages } from './held-images.ts';
import { type LayerOrigins, openLayerOrigins } from './layer-origins.ts';
import { createRegistryServices, openRegistryTools, type RegistryServices } from './registry-services.ts';

export interface Services extends AsyncDisposable, RegistryServices {
  readonly config: Config;
  readonly store: Store;
  readonly cache: Cache;
  readonly catalog: LayerCatalog;
  /** Layers that are fetched when they are read. */
  readonly remoteLayers: RemoteLayers;
  readonly credentials: CredentialStore;
  /** The same services for a caller with credentials of its own. */
  readonly withCredentials: (find: CredentialProvider) => Services;
  readonly origins: LayerOrigins;
  /** Creates the stream that a layer's bytes pass through on their way into the store: it verifies and lists them. */
  readonly tapLayer: (blob: Descriptor, diffId: Digest) => Transform;
  readonly contexts: ContextServices;
  readonly tryLock: TryLock;
  readonly maker: Maker;
  /** The first call decides the kind. `recorded`: owners of files are kept in attributes, as the isolation `chroot` needs it. */
  readonly snapshotter: (kind?: 'recorded') => Promise<Snapshotter>;
  /** undefined: the default of this machine. Throws `sandbox` if the isolation is not available. */
  readonly sandbox: (wanted: string | undefined) => Promise<Sandbox>;
  /** Tests whether programs for an architecture, by its name in images, run on this machine. */
  readonly emulation: (architecture: string) => Promise<Emulation>;
  /** Tests every isolation on this machine. */
  readonly isolations: () => Promise<readonly IsolationInfo[]>;
  readonly containerSandbox: () => Promise<ContainerSandbox>;
  /** Returns a folder below the root; creates it on request. */
  readonly folder: (id: FolderId) => string;
}

/** Opens the store and the services that use it. This costs only a few stats: nothing is read before it is needed. */
export function openServices(config: Config): Services {
  setLimits(config.limits);
  tellConfig(config);
  const store = openStore(config);
  const folder = (id: FolderId): string => {
    const directory = join(config.root, FOLDERS[id].path);
    makeDirectories(directory, 0o700);
    return directory;
  };
  const remoteLayers = new RemoteLayers();
  const catalog = openCatalog(config, store, remoteLayers);
  const tools = openRegistryTools(config);
  const credentials = credentialsOnDemand(once(() => openCredentials(config, folder)));
  const sandboxes = new Sandboxes(folder, config.log);
  const services: Services = {
    config,
    store,
    cache: openLocalCache({ directory: join(config.root, FOLDERS.records.path), now: () => Date.parse(config.now()) }),
    catalog,
    remoteLayers,
    credentials,
    ...createRegistryServices(tools, credentials),
    withCredentials: (find) => ({
      ...services,
      credentials: { ...credentials, find },
      ...createRegistryServices(tools, { find }),
    }),
    origins: openOrigins(config),
    tapLayer: (blob, diffId) => catalog.tap(blob, diffId),
    contexts: contextServices(config, folder, tools.http.client),
    tryLock,
    maker: thisMaker(),
    snapshotter: once((kind?: 'recorded') => openSnapshotter(catalog, { folder, config, kind })),
    sandbox: (wanted = 'auto') => sandboxes.select(wanted),
    emulation: (architecture) => findEmulation(architecture, folder),
    isolations: () => sandboxes.probeAll(),
    containerSandbox,
    folder,
    [Symbol.asyncDispose]: async () => {
      await sandboxes[Symbol.asyncDispose]();
      await tools[Symbol.asyncDispose]();
    },
  };
  return services;
}

function openCatalog({ root }: Config, store: LayoutStore, remote: RemoteLayers): LayerCatalog {
  const directory = join(root, FOLDERS.listings.path);
  return new LayerCatalog({ directory, scratch: join(root, FOLDERS.temporary.path), store, remote });
}

function openOrigins({ root, now }: Config): LayerOrigins {
  return openLayerOrigins({ directory: join(root, FOLDERS.origins.path), now: () => Date.parse(now()) });
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

async function openCredentials(config: Config, folder: (id: FolderId) => string): Promise<CredentialStore> {
  const { SavedCredentials } = await import('../registry/credentials/saved-credentials.ts');
  const { environment } = config;
  const inEnvironment = environment.DOCKER_AUTH_CONFIG || undefined;
  const lock = join(folder('locks'), 'credentials');
  return new SavedCredentials({ ...listCredentialFiles(config), inEnvironment, environment, lock });
}

function openStore({ root, log }: Config): LayoutStore {
  return LayoutStore.open(root, { log, held: () => readHeldImages(root).manifests });
}

async function containerSandbox(): Promise<ContainerSandbox> {
  return (await import('../sandbox/container/namespaces.ts')).namespacesContainers();
}

function thisMaker(): Maker {
  return { name: thisOwner(), livenessOf };
}

interface SnapshotterChoice {
  readonly folder: (id: FolderId) => string;
  readonly config: Config;
  readonly kind: 'recorded' | undefined;
}

async function openSnapshotter(
  catalog: LayerCatalog,
  { folder, config: { root, log }, kind }: SnapshotterChoice,
): Promise<Snapshotter> {
  const { selectSnapshotter } = await import('../snapshot/select.ts');
  return selectSnapshotter({
    directory: folder('unpacked'),
    kind,
    log,
    held: () => readHeldImages(root).chains,
    maker: thisMaker(),
    unpack: (layer, target, call) => catalog.unpack(layer, target, call),
  });
}

async function findEmulation(architecture: string, folder: (id: FolderId) => string): Promise<Emulation> {
  const { probeEmulation } = await import('../sandbox/emulation/probe-emulation.ts');
  return probeEmulation(architecture, folder('temporary'));
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

  async probeAll(): Promise<readonly IsolationInfo[]> {
    const { probeLadder } = await import('../sandbox/ladder.ts');
    return probeLadder({ directory: this.#folder('probes'), log: this.#log });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#devices?.[Symbol.asyncDispose]();
  }
}

function unknownIsolation(wanted: string): MkimageError {
  return new MkimageError('usage', `run steps with isolation \`${wanted}\`: unknown isolation`, {
    hint: 'known values are auto, runc, crun, namespaces and chroot',
  });
}
