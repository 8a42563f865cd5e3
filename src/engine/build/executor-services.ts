/** Provides what the executor needs for one build. */
import type { BuildRequest } from '../../api/index.ts';

import type { FileTree } from '../../content/index.ts';
import type { BuildContext } from '../../context/index.ts';
import { type Chain, EMPTY_TREE, type ExecutorServices, type StepSecrets } from '../../executor/index.ts';
import type { BuildPlan, FileSource, Stage } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { ensureLayers } from '../images/index.ts';
import { once, type Services } from '../services.ts';
import type { BuildInputs } from './inputs/build-inputs.ts';
import { withoutLayoutHost } from './inputs/layout-contexts.ts';
import { stepSettings } from './step-settings.ts';

interface Circumstances {
  readonly inputs: BuildInputs;
  readonly plan: BuildPlan;
  readonly secrets: StepSecrets;
}

export function executorServices(
  services: Services,
  request: BuildRequest,
  { inputs, plan, secrets }: Circumstances,
): ExecutorServices {
  const { catalog, config, folder, store } = services;
  const sandbox = once(() => services.sandbox(request.isolation ?? config.isolation));
  return {
    cache: services.cache,
    blobs: store,
    trees: catalog,
    treeOf: (chain, call) => treeOf(services, chain, call),
    snapshotter: services.snapshotter,
    sandbox,
    context: (name) => inputs.context(name),
    remote: services.contexts,
    ensureLayers: (image, call) => ensureLayers(services, image, call),
    unpack: (layer, directory, call) => catalog.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call),
    hasLayer: (layer) => store.has(layer.blob),
    secrets,
    settings: stepSettings(request, config),
    skipsCache: (stage) => skipsCache(request, stage),
    now: config.now,
    scratch: folder('temporary'),
    mounts: folder('mounts'),
    logs: folder('logs'),
    tryLock: services.tryLock,
    maker: services.maker,
    slotScope: `${inputs.place} ${inputs.file.name} ${plan.platform.architecture}`,
    describeMissing: (source, path) => describeMissing(inputs, source, path),
  };
}

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
  const context = await inputs.context(source.context);
  const message = `\`${path}\` is not in the context \`${context.name}\``;
  return { message, hint: await contextHint(context, path) };
}

function placeOf(source: Exclude<FileSource, { kind: 'context' }>): string {
  if (source.kind === 'stage') return `stage ${source.stage}`;
  return source.kind === 'image' ? `the image \`${withoutLayoutHost(source.image.reference)}\`` : 'an empty image';
}

async function contextHint(context: BuildContext, path: string): Promise<string | undefined> {
  const ignored = context.ignoredBy(path);
  if (ignored) return `\`${ignored.file}:${ignored.line}\` \`${ignored.pattern}\` excludes it`;
  const similar = await context.similar(path);
  return similar.length === 0 ? undefined : `similar: ${similar.join(', ')}`;
}
