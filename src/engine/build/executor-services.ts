/** Provides what the executor needs for one build. */
import type { BuildRequest } from '../../api/index.ts';

import { type FileTree, once } from '../../content/index.ts';
import type { BuildContext } from '../../context/index.ts';
import { type Chain, EMPTY_TREE, type ExecutorServices, type StepSecrets } from '../../executor/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { FileSource, Stage, WorkPlan } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import type { BaseLayers } from './bases/base-layers.ts';
import { readExpectation } from './cache/expected-steps.ts';
import { fetchRemoteLayers } from './cache/fetch-remote-layers.ts';
import type { BuildJournal } from './cache/journal.ts';
import type { restoreMount } from './cache/mounts/restore-mount.ts';
import type { OpenSharedCache } from './cache/shared-cache.ts';
import type { BuildInputs } from './inputs/build-inputs.ts';
import { replaceLayoutHost } from './inputs/layout-contexts.ts';
import { createStepSettings } from './step-settings.ts';

interface Circumstances {
  readonly inputs: BuildInputs;
  /** Of the first target. */
  readonly platform: Platform;
  readonly plan: Pick<WorkPlan, 'stages'>;
  readonly secrets: StepSecrets;
  readonly report: Call['report'];
  readonly shared: OpenSharedCache | undefined;
  readonly journal: BuildJournal;
  readonly layers: BaseLayers;
}

export function createExecutorServices(
  services: Services,
  request: BuildRequest,
  { inputs, platform, plan, secrets, report, shared, journal, layers }: Circumstances,
): ExecutorServices {
  const { catalog, config, folder, store, remoteLayers } = services;
  const placeScope = ({ origin }: Stage) => `${inputs.file.name} ${(origin?.target ?? platform).architecture}`;
  const sandbox = once(async () => {
    const chosen = await services.sandbox(request.isolation ?? config.isolation);
    if (chosen.name === 'chroot') report({ type: 'warning', message: WEAKER });
    return chosen;
  });
  return {
    cache: services.cache,
    blobs: store,
    trees: catalog,
    treeOf: (chain, call) => treeOf(services, chain, call),
    snapshotter: async () => services.snapshotter((await sandbox()).name === 'chroot' ? 'recorded' : undefined),
    sandbox,
    context: (name) => inputs.openContext(name),
    remote: services.contexts,
    ensureLayers: (image, call) => layers.ensure(image, call),
    unpack: (layer, directory, call) => catalog.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call),
    hasLayer: async (layer) => remoteLayers.has(layer) || store.has(layer.blob),
    fetchChain: (chain, kind, call) =>
      fetchRemoteLayers(services, kind === 'run' ? chain.layers : layers.skipLeft(chain), call),
    sharedCache: shared,
    journal: request.cacheTo.length === 0 ? undefined : journal.note,
    expectsHit: readExpectation(request.expectCached, plan),
    secrets,
    settings: createStepSettings(request, config),
    skipsCache: (stage) => skipsCache(request, stage),
    now: config.now,
    scratch: folder('temporary'),
    mounts: folder('mounts'),
    logs: folder('logs'),
    tryLock: services.tryLock,
    restoreMount:
      shared && ((mount, directory, call) => restore({ ...services, ...shared }, { ...mount, directory }, call)),
    maker: services.maker,
    slotScope: (stage) => `${inputs.place} ${placeScope(stage)}`,
    placeScope,
    describeMissing: (source, path) => describeMissing(inputs, source, path),
  };
}

const restore: typeof restoreMount = async (...restoring) =>
  (await import('./cache/mounts/restore-mount.ts')).restoreMount(...restoring);

/** Said once for each build, because this isolation may be chosen without a request. */
const WEAKER =
  'RUN has the isolation `chroot`: steps share processes and network with the surroundings of mkimage, and a malicious step can leave its root; see `mkimage info`';

function treeOf({ catalog }: Services, chain: Chain, call: Call): Promise<FileTree> {
  return chain.layers.length === 0 ? Promise.resolve(EMPTY_TREE) : catalog.tree(chain.layers, call);
}

function skipsCache(request: BuildRequest, stage: Stage): boolean {
  const name = stage.name ?? String(stage.id);
  return request.noCache || request.noCacheFilter.some((filter) => filter.toLowerCase() === name);
}

/** Explains why a source is missing, if the reason is known. */
export async function describeMissing(
  inputs: BuildInputs,
  source: FileSource,
  path: string,
): Promise<{ readonly message: string; readonly hint: string | undefined }> {
  if (source.kind !== 'context') return { message: `\`${path}\` is not in ${placeOf(source)}`, hint: undefined };
  const context = await inputs.openContext(source.context);
  const message = `\`${path}\` is not in the context \`${context.name}\``;
  return { message, hint: await findContextHint(context, path) };
}

function placeOf(source: Exclude<FileSource, { kind: 'context' }>): string {
  if (source.kind === 'stage') return `stage ${source.stage}`;
  return source.kind === 'image' ? `the image \`${replaceLayoutHost(source.image.reference)}\`` : 'an empty image';
}

async function findContextHint(context: BuildContext, path: string): Promise<string | undefined> {
  const ignored = context.ignoredBy(path);
  if (ignored) return `\`${ignored.file}:${ignored.line}\` \`${ignored.pattern}\` excludes it`;
  const similar = await context.similar(path);
  return similar.length === 0 ? undefined : `similar: ${similar.join(', ')}`;
}
