/** What a name in FROM, COPY --from and RUN --mount=from= stands for: a stage, a named context, an image, or nothing at all. */
import { isMkimageError } from '../../errors.ts';
import { familiarName, formatPlatform, normalizeName, type Platform, parseReference } from '../../oci/index.ts';
import type { StageId } from '../build-plan.ts';
import type { BaseRequest, NamedContext, PlanRequest } from '../request.ts';
import { Fault } from '../words/fault.ts';

export type Source =
  | { readonly kind: 'stage'; readonly stage: StageId }
  | { readonly kind: 'context'; readonly context: string }
  | {
      readonly kind: 'image';
      readonly request: BaseRequest;
      readonly written: string;
      /** It was given by `--build-context`, so it is what the caller wants, whatever it is made for. */
      readonly isContext: boolean;
    }
  | { readonly kind: 'scratch' };

/** What answers about bases are looked up by. */
export function baseKey(reference: string, platform: Platform): string {
  return `${reference} ${formatPlatform(platform)}`;
}

/** What a name means that is no stage. Throws a Fault if it is no image reference either. */
export function externalSource(name: string, platform: Platform, request: PlanRequest): Source {
  if (name === 'scratch') return { kind: 'scratch' };
  const key = contextKey(name, platform, request);
  const context = key === undefined ? undefined : request.contexts[key];
  if (key !== undefined && context) return contextSource(key, context, platform);
  return imageSource(name, platform, false);
}

/** The named context that replaces a stage or image of this name, as a source. */
export function replacement(
  name: string,
  platform: Platform,
  request: Pick<PlanRequest, 'contexts'>,
): Source | undefined {
  const key = contextKey(name, platform, request);
  const context = key === undefined ? undefined : request.contexts[key];
  return key === undefined || !context ? undefined : contextSource(key, context, platform);
}

function contextSource(key: string, context: NamedContext, platform: Platform): Source {
  if (context.kind === 'directory') return { kind: 'context', context: key };
  if (context.reference === 'scratch') return { kind: 'scratch' };
  const source = imageSource(context.reference, platform, true);
  return context.shown === undefined ? source : { ...source, written: context.shown };
}

/** The context given for a name, one for the platform first; `context` and `scratch` are never replaced. */
function contextKey(name: string, platform: Platform, request: Pick<PlanRequest, 'contexts'>): string | undefined {
  if (/^(context|scratch)$/i.test(name)) return undefined;
  const wanted = comparable(name);
  const keys = Object.keys(request.contexts);
  const exact = keys.find((key) => {
    const at = key.indexOf('::');
    return at >= 0 && comparable(key.slice(0, at)) === wanted && key.slice(at + 2) === formatPlatform(platform);
  });
  return exact ?? keys.find((key) => !key.includes('::') && comparable(key) === wanted);
}

/** Names are compared as Docker shows them: without `docker.io/library/` and `:latest`. */
function comparable(name: string): string {
  try {
    return familiarName(parseReference(name)).replace(/:latest$/, '');
  } catch (error) {
    if (isMkimageError(error, 'invalid-reference')) return name;
    throw error;
  }
}

function imageSource(
  written: string,
  platform: Platform,
  isContext: boolean,
): Extract<Source, { readonly kind: 'image' }> {
  const reference = normalized(written);
  return { kind: 'image', written, isContext, request: { key: baseKey(reference, platform), reference, platform } };
}

function normalized(written: string): string {
  try {
    return normalizeName(written);
  } catch (error) {
    if (!isMkimageError(error, 'invalid-reference')) throw error;
    throw new Fault('invalid-reference', error.message, { hint: error.hint });
  }
}
