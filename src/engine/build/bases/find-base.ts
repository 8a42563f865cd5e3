/**
 * Resolves the base images of a plan: from the store first, from their registry only if they are missing or `--pull`
 * is set.
 */
import { isMkimageError, MkimageError } from '../../../errors.ts';
import { formatPlatform, type ResolvedImage } from '../../../oci/index.ts';
import type { BaseAnswer, BaseRequest } from '../../../plan/index.ts';
import type { Call } from '../../../progress.ts';
import { type LayerServices, lookUpImage } from '../../images/index.ts';
import { importLayoutImage, type LayoutContexts } from '../inputs/layout-contexts.ts';
import type { BaseLayers } from './base-layers.ts';

type BaseQuestion = Pick<BaseRequest, 'reference' | 'platform'>;

/** Where bases are searched in addition to the store. */
export interface BaseSources {
  /** Ask registries again, even if the image is stored. */
  readonly pull: boolean;
  readonly layouts: LayoutContexts;
  readonly layers: Pick<BaseLayers, 'take'>;
  /** Steps are named with their platform, because the build has several. */
  readonly showsPlatform: boolean;
}

/**
 * Answers a request. An image that cannot be resolved is an answer too, because only the plan knows its place in the
 * build file. Throws on cancellation.
 */
export async function answerBase(
  services: LayerServices,
  { reference, platform, layouts, ...options }: BaseQuestion & BaseSources,
  call: Call,
): Promise<BaseAnswer> {
  const layout = layouts.get(reference);
  try {
    const image = await (layout === undefined
      ? findBase(services, { reference, platform, ...options }, call)
      : importLayoutImage(services, { reference, layout, platform }, call));
    call.log?.debug('plan', 'base resolved', {
      base: reference,
      platform: formatPlatform(platform),
      manifest: image.manifest.digest,
      layers: image.layers.length,
      from: layout === undefined ? undefined : 'an OCI layout',
    });
    return { kind: 'image', image };
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code === 'cancelled') throw error;
    call.log?.debug('plan', 'base not resolved', { base: reference, why: error.message });
    return { kind: 'failure', message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

async function findBase(
  services: LayerServices,
  { reference, platform, pull, layers, showsPlatform }: BaseQuestion & Omit<BaseSources, 'layouts'>,
  call: Call,
): Promise<ResolvedImage> {
  const isStored = services.store.resolve(reference) !== undefined;
  call.log?.debug('plan', 'base requested', {
    base: reference,
    platform: formatPlatform(platform),
    of: !pull && isStored ? 'the store' : 'its registry',
    stored: isStored,
  });
  if (!pull && isStored) {
    return (await lookUpImage(services, { text: reference, platform, pull }, call)).image;
  }
  const shown = showsPlatform ? formatPlatform(platform) : '';
  const step = `pull/${reference}${showsPlatform ? ` ${shown}` : ''}`;
  call.report({ type: 'step-started', step, name: `[${showsPlatform ? `${shown} ` : ''}internal] pull ${reference}` });
  try {
    const found = await lookUpImage(services, { text: reference, platform, pull }, call);
    await layers.take(found.image, step, call);
    if (services.store.resolve(reference)?.target.digest !== found.target.digest) {
      await services.store.tag([found.name], found.target);
    }
    call.report({ type: 'step-finished', step, digest: found.target.digest });
    return found.image;
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw withPullHint(error, pull && isStored);
  }
}

/** `--pull` asks the registry in any case. A build without it needs no network for an image that is stored. */
function withPullHint(error: unknown, isStored: boolean): unknown {
  if (!isStored || !isMkimageError(error, 'network')) return error;
  return error.with({ hint: 'the image is in the store: without `--pull` no registry is asked' });
}
