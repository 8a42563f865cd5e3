/** The meaning of a name in FROM, COPY --from and RUN --mount=from=: a stage, a named context, an image, or scratch. */
import { isMkimageError } from '../../errors.ts';
import { formatFamiliarName, formatPlatform, normalizeName, type Platform, parseReference } from '../../oci/index.ts';
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
      /** The image comes from `--build-context`. Its platform is not checked: the caller chose the image. */
      readonly isContext: boolean;
    }
  | { readonly kind: 'scratch' };

/** Key of a base in `bases`. */
export function createBaseKey(reference: string, platform: Platform): string {
  return `${reference} ${formatPlatform(platform)}`;
}

/** Resolves a name that is not a stage. Throws a Fault if it is not an image reference. */
export function findExternalSource(name: string, platform: Platform, request: PlanRequest): Source {
  if (name === 'scratch') return { kind: 'scratch' };
  const key = findContextKey(name, platform, request);
  const context = key === undefined ? undefined : request.contexts[key];
  if (key !== undefined && context) return toContextSource(key, context, platform);
  return toImageSource(name, platform, false);
}

/** The named context that replaces the stage or image of this name. */
export function findReplacement(
  name: string,
  platform: Platform,
  request: Pick<PlanRequest, 'contexts'>,
): Source | undefined {
  const key = findContextKey(name, platform, request);
  const context = key === undefined ? undefined : request.contexts[key];
  return key === undefined || !context ? undefined : toContextSource(key, context, platform);
}

function toContextSource(key: string, context: NamedContext, platform: Platform): Source {
  if (context.kind === 'directory') return { kind: 'context', context: key };
  if (context.reference === 'scratch') return { kind: 'scratch' };
  const source = toImageSource(context.reference, platform, true);
  return context.shown === undefined ? source : { ...source, written: context.shown };
}

/** The key of the context for a name. A context for the platform has precedence. `context` and `scratch` cannot be replaced. */
function findContextKey(name: string, platform: Platform, request: Pick<PlanRequest, 'contexts'>): string | undefined {
  if (/^(context|scratch)$/i.test(name)) return undefined;
  const wanted = toComparableName(name);
  const keys = Object.keys(request.contexts);
  const exact = keys.find((key) => {
    const at = key.indexOf('::');
    return at >= 0 && toComparableName(key.slice(0, at)) === wanted && key.slice(at + 2) === formatPlatform(platform);
  });
  return exact ?? keys.find((key) => !key.includes('::') && toComparableName(key) === wanted);
}

/** Names are compared without `docker.io/library/` and `:latest`. */
function toComparableName(name: string): string {
  try {
    return formatFamiliarName(parseReference(name)).replace(/:latest$/, '');
  } catch (error) {
    if (isMkimageError(error, 'invalid-reference')) return name;
    throw error;
  }
}

function toImageSource(
  written: string,
  platform: Platform,
  isContext: boolean,
): Extract<Source, { readonly kind: 'image' }> {
  const reference = normalizeReference(written);
  return {
    kind: 'image',
    written,
    isContext,
    request: { key: createBaseKey(reference, platform), reference, platform },
  };
}

function normalizeReference(written: string): string {
  try {
    return normalizeName(written);
  } catch (error) {
    if (!isMkimageError(error, 'invalid-reference')) throw error;
    throw new Fault('invalid-reference', error.message, { hint: error.hint });
  }
}
