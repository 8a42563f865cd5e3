/** `-o`: what a build is written out as. Pure. */
import { MkimageError } from '../errors.ts';
import { type Compression, normalizeName } from '../oci/index.ts';
import { type Annotation, annotationOption } from './annotation.ts';
import { splitCsv } from './csv.ts';

export interface ImageOptions {
  /** undefined: gzip in archives and layouts, as it is in the store. */
  readonly compression: Compression | undefined;
  readonly level: number | undefined;
  /** Layers of the base are compressed anew as well. */
  readonly force: boolean;
  readonly ociTypes: boolean;
  /** Normalised names beside those of `--tag`. */
  readonly names: readonly string[];
  readonly annotations: readonly Annotation[];
}

export type OutputSpec =
  /** An archive that is an OCI layout and a docker-archive, or (without `tar`) a layout directory. `-` is stdout. */
  | { readonly type: 'oci' | 'docker'; readonly dest: string; readonly tar: boolean; readonly image: ImageOptions }
  | { readonly type: 'tar'; readonly dest: string }
  /** `delete`: what is in the directory and not in the image goes away. */
  | { readonly type: 'local'; readonly dest: string; readonly mode: 'copy' | 'delete' }
  /** Only into the store. */
  | { readonly type: 'image'; readonly image: ImageOptions }
  | { readonly type: 'cacheonly' };

type OutputType = OutputSpec['type'];
type Options = ReadonlyMap<string, string>;

const IMAGE_OPTIONS = [
  'compression',
  'compression-level',
  'force-compression',
  'oci-mediatypes',
  'name',
  'annotation.KEY',
];
const OPTIONS: Readonly<Record<OutputType, readonly string[]>> = {
  oci: ['dest', 'tar', ...IMAGE_OPTIONS],
  docker: ['dest', 'tar', ...IMAGE_OPTIONS],
  tar: ['dest'],
  local: ['dest', 'mode'],
  image: ['push', ...IMAGE_OPTIONS],
  cacheonly: [],
};

/** Of no meaning here: there are no attestations, no second store and no lazy layers that they could speak of. */
const IGNORED: ReadonlySet<string> = new Set([
  'attestation-inline',
  'attestation-prefix',
  'compatibility-version',
  'danging-name-empty-only',
  'dangling-name-prefix',
  'name-canonical',
  'oci-artifact',
  'platform-split',
  'prefer-nondist-layers',
  'store',
  'unpack',
]);

/**
 * Reads `type=oci,dest=app.tar,…`, or BuildKit's short forms: a directory (`type=local`) and `-` (`type=tar` to stdout). Throws
 * `usage` with what is possible, `unsupported` for what is understood and not done.
 */
export function parseOutput(text: string): OutputSpec {
  const fields = splitCsv(text);
  if (fields.length === 1 && !text.includes('=') && text !== '') return shortForm(text);
  const options = optionsOf(fields, text);
  const type = typeOf(options.get('type'), text);
  for (const name of options.keys()) requireKnown(name, type);
  switch (type) {
    case 'oci':
    case 'docker':
      return { type, dest: destOf(options, type), tar: flag(options, 'tar', true), image: imageOptions(options) };
    case 'tar':
      return { type, dest: destOf(options, type) };
    case 'local':
      return { type, dest: destOf(options, type), mode: modeOf(options.get('mode')) };
    case 'image':
      return imageOutput(options);
    case 'cacheonly':
      return { type };
  }
}

function shortForm(text: string): OutputSpec {
  return text === '-' ? { type: 'tar', dest: '-' } : { type: 'local', dest: text, mode: 'copy' };
}

function optionsOf(fields: readonly string[], text: string): Options {
  const options = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals <= 0)
      throw usage(text, `\`${field}\` is not of the form key=value`, 'for example `type=oci,dest=app.tar`');
    const name = field.slice(0, equals).trim();
    // Keys of annotations are case sensitive; all others are not.
    options.set(name.startsWith('annotation') ? name : name.toLowerCase(), field.slice(equals + 1));
  }
  return options;
}

function typeOf(type: string | undefined, text: string): OutputType {
  if (type !== undefined && Object.hasOwn(OPTIONS, type)) return type as OutputType;
  if (type === 'registry') throw pushUnsupported();
  const found = type === undefined ? 'it names no type' : `there is no type \`${type}\``;
  throw usage(text, found, `types are ${Object.keys(OPTIONS).join(', ')}`);
}

function requireKnown(name: string, type: OutputType): void {
  if (name === 'type' || IGNORED.has(name) || OPTIONS[type].includes(name)) return;
  const takesImageOptions = OPTIONS[type].includes('annotation.KEY');
  if (takesImageOptions && name.startsWith('annotation')) return;
  if (name === 'rewrite-timestamp') {
    throw new MkimageError('unsupported', 'output: `rewrite-timestamp` is not done', {
      hint: 'with SOURCE_DATE_EPOCH every layer of a build gets its times clamped already',
    });
  }
  const known = OPTIONS[type].join(', ');
  throw usage(`type=${type}`, `there is no option \`${name}\``, known === '' ? 'it has none' : `options are ${known}`);
}

function destOf(options: Options, type: 'oci' | 'docker' | 'tar' | 'local'): string {
  const dest = options.get('dest');
  const directory = type === 'local' || (type !== 'tar' && !flag(options, 'tar', true));
  if (dest !== undefined && dest !== '' && !(directory && dest === '-')) return dest;
  if (!directory && type !== 'docker' && dest === undefined) return '-';
  throw usage(`type=${type}`, 'it needs `dest`', directory ? 'name a directory' : 'name a file, or `-` for stdout');
}

function modeOf(mode: string | undefined): 'copy' | 'delete' {
  if (mode === undefined || mode === 'copy') return 'copy';
  if (mode === 'delete') return mode;
  throw usage('type=local', `there is no mode \`${mode}\``, 'modes are copy and delete');
}

function imageOutput(options: Options): OutputSpec {
  if (flag(options, 'push', false)) throw pushUnsupported();
  return { type: 'image', image: imageOptions(options) };
}

function imageOptions(options: Options): ImageOptions {
  const compression = compressionOption(options.get('compression'));
  const ociTypes = flag(options, 'oci-mediatypes', true);
  const annotations = [...options].flatMap(([name, value]) => annotationOption(name, value) ?? []);
  if (!ociTypes && compression === 'zstd') throw usage('compression=zstd', 'it needs oci-mediatypes=true', undefined);
  if (!ociTypes && annotations.length > 0) throw usage('annotations', 'they need oci-mediatypes=true', undefined);
  return {
    compression,
    level: levelOption(options.get('compression-level'), compression ?? 'gzip'),
    force: flag(options, 'force-compression', false),
    ociTypes,
    names: (options.get('name') ?? '').split(',').filter(Boolean).map(normalizeName),
    annotations,
  };
}

function compressionOption(text: string | undefined): Compression | undefined {
  if (text === undefined || text === 'gzip' || text === 'zstd' || text === 'uncompressed') return text;
  if (text === 'estargz' || text === 'nydus') {
    throw new MkimageError('unsupported', `output: compression \`${text}\` is not done`, { hint: 'use gzip or zstd' });
  }
  throw usage('compression', `there is no \`${text}\``, 'compressions are gzip, zstd, uncompressed');
}

/** zstd's levels beyond 19 need more memory to unpack than everybody has, and 0 is its fastest ordinary one. */
function levelOption(text: string | undefined, compression: Compression): number | undefined {
  if (text === undefined) return undefined;
  const highest = compression === 'zstd' ? 22 : 9;
  if (!/^\d{1,2}$/.test(text) || Number(text) > highest) {
    throw usage('compression-level', `\`${text}\` is no level`, `levels of ${compression} are 0 to ${highest}`);
  }
  return compression === 'zstd' ? Math.min(Math.max(Number(text), 1), 19) : Number(text);
}

/** The words that Go takes for true and false; a bare `tar=` is the default, as in BuildKit. */
function flag(options: Options, name: string, fallback: boolean): boolean {
  const text = options.get(name);
  if (text === undefined || text === '') return fallback;
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw usage(name, `\`${text}\` is neither true nor false`, undefined);
}

function pushUnsupported(): MkimageError {
  return new MkimageError('unsupported', 'output: images are not pushed to registries yet', {
    hint: 'write an archive with `type=oci,dest=app.tar` and push it with another tool',
  });
}

function usage(where: string, detail: string, hint: string | undefined): MkimageError {
  return new MkimageError('usage', `parse output \`${where}\`: ${detail}`, hint === undefined ? {} : { hint });
}
