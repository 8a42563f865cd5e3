/** The options of `-o` for the form of an image: compression, names and annotations. Pure. */
import type { ImageOptions } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Compression, normalizeName } from '../../oci/index.ts';
import { parseAnnotationOption } from './annotation.ts';
import { createUsageError, type Options, readFlag } from './options.ts';

/** Names of the options, for messages. */
export const IMAGE_OPTIONS = [
  'compression',
  'compression-level',
  'force-compression',
  'oci-mediatypes',
  'name',
  'annotation.KEY',
] as const;

/** Throws `usage`, and `unsupported` for a known compression that mkimage does not write. */
export function readImageOptions(options: Options): ImageOptions {
  const compression = readCompression(options.get('compression'));
  const ociTypes = readFlag(options, 'oci-mediatypes', true);
  const annotations = [...options].flatMap(([name, value]) => parseAnnotationOption(name, value) ?? []);
  if (!ociTypes && compression === 'zstd')
    throw createUsageError('compression=zstd', 'it needs oci-mediatypes=true', undefined);
  if (!ociTypes && annotations.length > 0)
    throw createUsageError('annotations', 'they need oci-mediatypes=true', undefined);
  return {
    compression,
    level: readLevel(options.get('compression-level'), compression ?? 'gzip'),
    force: readFlag(options, 'force-compression', false),
    ociTypes,
    names: (options.get('name') ?? '').split(',').filter(Boolean).map(normalizeName),
    annotations,
  };
}

function readCompression(text: string | undefined): Compression | undefined {
  if (text === undefined || text === 'gzip' || text === 'zstd' || text === 'uncompressed') return text;
  if (text === 'estargz' || text === 'nydus') {
    throw new MkimageError('unsupported', `output: compression \`${text}\` is not supported`, {
      hint: 'use gzip or zstd',
    });
  }
  throw createUsageError('compression', `unknown compression \`${text}\``, 'compressions are gzip, zstd, uncompressed');
}

/** Levels of zstd above 19 need much memory to unpack. 0 is accepted and means the fastest standard level. */
function readLevel(text: string | undefined, compression: Compression): number | undefined {
  if (text === undefined) return undefined;
  const highest = compression === 'zstd' ? 22 : 9;
  if (!/^\d{1,2}$/.test(text) || Number(text) > highest) {
    throw createUsageError(
      'compression-level',
      `invalid level \`${text}\``,
      `levels of ${compression} are 0 to ${highest}`,
    );
  }
  return compression === 'zstd' ? Math.min(Math.max(Number(text), 1), 19) : Number(text);
}
