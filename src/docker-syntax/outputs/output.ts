/** Parses `-o`, the output of a build. Pure, and the only place that parses it. */
import type { OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { epochHint, readEpoch } from '../../oci/index.ts';
import { imageOptions } from './image-options.ts';
import { OUTPUT_TYPES, type OutputType, requireKnown } from './known-options.ts';
import { fieldsOf, flag, type Options, optionsOf, usage } from './options.ts';

/**
 * Parses `type=oci,dest=app.tar,…`, or BuildKit's short forms: a directory (`type=local`) and `-` (`type=tar` to
 * stdout). Throws `usage` with the possible values, `unsupported` for known types that mkimage does not write.
 */
export function parseOutput(text: string): OutputSpec {
  const fields = fieldsOf(text);
  if (fields.length === 1 && !text.includes('=') && text !== '') return shortForm(text);
  const options = optionsOf(fields, text);
  const type = typeOf(options.get('type'), text);
  for (const name of options.keys()) requireKnown(name, type);
  // Files always get the times of SOURCE_DATE_EPOCH if it is set, so the option has no effect.
  flag(options, 'rewrite-timestamp', true);
  return { ...outputOf(type, options), ...timeOf(options) };
}

function outputOf(type: OutputType, options: Options): OutputSpec {
  switch (type) {
    case 'docker':
    case 'oci':
      return isForStore(type, options) ? imageOutput(options) : archiveOutput(type, options);
    case 'tar':
      return { type, dest: destOf(options, type), ...sourceOf(options) };
    case 'local':
      return { type, dest: destOf(options, type), mode: modeOf(options.get('mode')), ...sourceOf(options) };
    case 'image':
      return imageOutput(options);
    case 'cacheonly':
      return { type };
  }
}

function shortForm(text: string): OutputSpec {
  return text === '-' ? { type: 'tar', dest: '-' } : { type: 'local', dest: text, mode: 'copy' };
}

function typeOf(type: string | undefined, text: string): OutputType {
  const known = OUTPUT_TYPES.find((each) => each === type);
  if (known !== undefined) return known;
  if (type === 'registry') throw pushUnsupported();
  const found = type === undefined ? 'no type is given' : `unknown type \`${type}\``;
  throw usage(text, found, `types are ${OUTPUT_TYPES.join(', ')}`);
}

/** `type=docker` without a destination writes the image into the store, as with Docker's own driver. */
function isForStore(type: OutputType, options: Options): boolean {
  if (type !== 'docker' || options.get('dest') || !flag(options, 'tar', true)) return false;
  if (!options.get('context')) return true;
  throw new MkimageError('unsupported', 'output: loading an image into an engine is not supported', {
    hint: 'write an archive with `type=docker,dest=app.tar` and run `docker --context NAME load -i app.tar`',
  });
}

function archiveOutput(type: 'oci' | 'docker', options: Options): OutputSpec {
  return { type, dest: destOf(options, type), tar: flag(options, 'tar', true), image: imageOptions(options) };
}

function destOf(options: Options, type: 'oci' | 'docker' | 'tar' | 'local'): string {
  const dest = options.get('dest');
  const directory = type === 'local' || (type !== 'tar' && !flag(options, 'tar', true));
  if (dest !== undefined && dest !== '' && !(directory && dest === '-')) return dest;
  if (!directory && dest === undefined) return '-';
  throw usage(`type=${type}`, '`dest` is required', directory ? 'name a directory' : 'name a file, or `-` for stdout');
}

function sourceOf(options: Options): { readonly source?: string } {
  const source = options.get('src');
  if (source === undefined) return {};
  if (source !== '') return { source };
  throw usage('src', '`src` is empty', 'name a directory of the image, or omit `src` to export the whole image');
}

function timeOf(options: Options): Pick<OutputSpec, 'epoch'> {
  const text = options.get('source-date-epoch');
  if (text === undefined || text === '') return {};
  const epoch = readEpoch(text);
  if (epoch !== undefined) return { epoch };
  throw usage('source-date-epoch', `invalid time \`${text}\``, epochHint(text));
}

function modeOf(mode: string | undefined): 'copy' | 'delete' {
  if (mode === undefined || mode === 'copy') return 'copy';
  if (mode === 'delete') return mode;
  throw usage('type=local', `unknown mode \`${mode}\``, 'modes are copy and delete');
}

function imageOutput(options: Options): OutputSpec {
  if (flag(options, 'push', false)) throw pushUnsupported();
  return { type: 'image', image: imageOptions(options) };
}

function pushUnsupported(): MkimageError {
  return new MkimageError('unsupported', 'output: pushing to a registry is not supported yet', {
    hint: 'write an archive with `type=oci,dest=app.tar` and push it with another tool',
  });
}
