/** The options of each type of output. */
import { IMAGE_OPTIONS } from './image-options.ts';
import { createUsageError } from './options.ts';

export type OutputType = 'oci' | 'docker' | 'tar' | 'local' | 'image' | 'registry' | 'cacheonly';

const PUSH_OPTIONS = ['push-by-digest', 'name-canonical', 'registry.insecure'];

const OPTIONS: Readonly<Record<OutputType, readonly string[]>> = {
  oci: ['dest', 'tar', ...IMAGE_OPTIONS],
  docker: ['dest', 'tar', 'context', ...IMAGE_OPTIONS],
  tar: ['dest', 'src', 'platform-split'],
  local: ['dest', 'src', 'mode', 'platform-split'],
  image: ['push', ...PUSH_OPTIONS, ...IMAGE_OPTIONS],
  registry: ['push', ...PUSH_OPTIONS, ...IMAGE_OPTIONS],
  cacheonly: [],
};

/** Names, for messages. */
export const OUTPUT_TYPES = Object.keys(OPTIONS) as readonly OutputType[];

/** Options of every type. */
const COMMON: ReadonlySet<string> = new Set(['type', 'rewrite-timestamp', 'source-date-epoch']);

/** Accepted without effect: mkimage has no attestations, no second store and no lazy layers, and only images are pushed. */
const IGNORED: ReadonlySet<string> = new Set([
  'attestation-inline',
  'attestation-prefix',
  'buildinfo',
  'buildinfo-attrs',
  'compatibility-version',
  'danging-name-empty-only',
  'dangling-name-prefix',
  'name-canonical',
  'oci-artifact',
  'platform-split',
  'prefer-image-digest',
  'prefer-nondist-layers',
  'push-by-digest',
  'registry.insecure',
  'store',
  'unpack',
]);

/** Throws `usage` for an option that the type does not have. */
export function requireKnown(name: string, type: OutputType): void {
  if (COMMON.has(name) || IGNORED.has(name) || OPTIONS[type].includes(name)) return;
  const takesImageOptions = OPTIONS[type].includes('annotation.KEY');
  if (takesImageOptions && name.startsWith('annotation')) return;
  const known = OPTIONS[type].join(', ');
  throw createUsageError(
    `type=${type}`,
    `unknown option \`${name}\``,
    known === '' ? 'this type has no options' : `options are ${known}`,
  );
}
