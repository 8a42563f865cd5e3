/** Parses `-o`, the output of a build. Pure, and the only place that parses it. */
import type { OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { createEpochHint, readEpoch } from '../../oci/index.ts';
import { readImageOptions } from './image-options.ts';
import { OUTPUT_TYPES, type OutputType, requireKnown } from './known-options.ts';
import { createUsageError, fieldsOf, type Options, optionsOf, readFlag } from './options.ts';

/**
 * Parses `type=oci,dest=app.tar,…`, or BuildKit's short forms: a directory (`type=local`) and `-` (`type=tar` to
 * stdout). Throws `usage` with the possible values, `unsupported` for known types that mkimage does not write.
 */
export function parseOutput(text: string): OutputSpec {
  const fields = fieldsOf(text);
  if (fields.length === 1 && !text.includes('=') && text !== '') return readShortForm(text);
  const options = optionsOf(fields, text);
  const type = typeOf(options.get('type'), text);
  for (const name of options.keys()) requireKnown(name, type);
  // Files always get the times of SOURCE_DATE_EPOCH if it is set, so the option has no effect.
  readFlag(options, 'rewrite-timestamp', true);
  return { ...outputOf(type, options), ...timeOf(options) };
}

function outputOf(type: OutputType, options: Options): OutputSpec {
  switch (type) {
    case 'docker':
    case 'oci':
      return isForStore(type, options) ? readImageOutput(options, false) : readArchiveOutput(type, options);
    case 'tar':
      return { type, dest: destOf(options, type), ...sourceOf(options), ...splitOf(options) };
    case 'local':
      return { ...folderOutput(options), ...sourceOf(options), ...splitOf(options) };
    case 'image':
      return readImageOutput(options, readFlag(options, 'push', false));
    case 'registry':
      return readImageOutput(options, readFlag(options, 'push', true));
    case 'cacheonly':
      return { type };
  }
}

function readShortForm(text: string): OutputSpec {
  return text === '-' ? { type: 'tar', dest: '-' } : { type: 'local', dest: text, mode: 'copy' };
}

function typeOf(type: string | undefined, text: string): OutputType {
  const known = OUTPUT_TYPES.find((each) => each === type);
  if (known !== undefined) return known;
  const found = type === undefined ? 'no type is given' : `unknown type \`${type}\``;
  throw createUsageError(text, found, `types are ${OUTPUT_TYPES.join(', ')}`);
}

/** `type=docker` without a destination writes the image into the store, as with Docker's own driver. */
function isForStore(type: OutputType, options: Options): boolean {
  if (type !== 'docker' || options.get('dest') || !readFlag(options, 'tar', true)) return false;
  if (!options.get('context')) return true;
  throw new MkimageError('unsupported', 'output: loading an image into an engine is not supported', {
    hint: 'write an archive with `type=docker,dest=app.tar` and run `docker --context NAME load -i app.tar`',
  });
}

function readArchiveOutput(type: 'oci' | 'docker', options: Options): OutputSpec {
  return { type, dest: destOf(options, type), tar: readFlag(options, 'tar', true), image: readImageOptions(options) };
}

function destOf(options: Options, type: 'oci' | 'docker' | 'tar' | 'local'): string {
  const dest = options.get('dest');
  const directory = type === 'local' || (type !== 'tar' && !readFlag(options, 'tar', true));
  if (dest !== undefined && dest !== '' && !(directory && dest === '-')) return dest;
  if (!directory && dest === undefined) return '-';
  throw createUsageError(
    `type=${type}`,
    '`dest` is required',
    directory ? 'name a directory' : 'name a file, or `-` for stdout',
  );
}

function sourceOf(options: Options): { readonly source?: string } {
  const source = options.get('src');
  if (source === undefined) return {};
  if (source !== '') return { source };
  throw createUsageError(
    'src',
    '`src` is empty',
    'name a directory of the image, or omit `src` to export the whole image',
  );
}

function folderOutput(options: Options) {
  return { type: 'local', dest: destOf(options, 'local'), mode: modeOf(options.get('mode')) } as const;
}

function splitOf(options: Options): { readonly split?: boolean } {
  return options.has('platform-split') ? { split: readFlag(options, 'platform-split', true) } : {};
}

function timeOf(options: Options): Pick<OutputSpec, 'epoch'> {
  const text = options.get('source-date-epoch');
  if (text === undefined || text === '') return {};
  const epoch = readEpoch(text);
  if (epoch !== undefined) return { epoch };
  throw createUsageError('source-date-epoch', `invalid time \`${text}\``, createEpochHint(text));
}

function modeOf(mode: string | undefined): 'copy' | 'delete' {
  if (mode === undefined || mode === 'copy') return 'copy';
  if (mode === 'delete') return mode;
  throw createUsageError('type=local', `unknown mode \`${mode}\``, 'modes are copy and delete');
}

function readImageOutput(options: Options, isPushed: boolean): OutputSpec {
  const image = readImageOptions(options);
  if (!isPushed) return { type: 'image', image };
  const push = {
    byDigest: readFlag(options, 'push-by-digest', false),
    canonical: readFlag(options, 'name-canonical', false),
    insecure: readFlag(options, 'registry.insecure', false),
  };
  const tagged = (options.get('name') ?? '').split(',').find((name) => name.lastIndexOf(':') > name.lastIndexOf('/'));
  if (!push.byDigest || tagged === undefined) return { type: 'image', image, push };
  throw createUsageError(
    'push-by-digest',
    `can't push tagged ref ${tagged} by digest`,
    'name the repository without a tag',
  );
}
