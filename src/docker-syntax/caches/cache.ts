/** Parses `--cache-from` and `--cache-to`. Pure, and the only place that parses them. */
import type { CacheLocation, CacheSource, CacheTarget, InlineCache } from '../../api/index.ts';
import type { Compression } from '../../oci/index.ts';
import { CacheFields } from './cache-fields.ts';
import { readCacheReference, readLocation } from './cache-location.ts';

const CACHE_TYPES = ['registry', 'local', 'inline', 's3', 'gha'] as const;
export type CacheType = (typeof CACHE_TYPES)[number];

/** Options of each type, for reading and for writing. */
const OPTIONS: Readonly<Record<CacheType, readonly string[]>> = {
  registry: ['ref', 'registry.insecure'],
  local: ['src', 'dest', 'tag', 'digest'],
  inline: [],
  s3: [
    ...['bucket', 'region', 'name', 'prefix', 'blobs_prefix', 'manifests_prefix', 'endpoint_url', 'use_path_style'],
    ...['access_key_id', 'secret_access_key', 'session_token'],
  ],
  gha: ['url', 'url_v2', 'token', 'scope', 'version', 'repository', 'ghtoken'],
};
const WRITING = ['mode', 'compression', 'compression-level', 'force-compression', 'image-manifest', 'oci-mediatypes'];
const WRITING_OURS = ['ignore-error', 'mounts', 'mounts-size'];
const COMMON = ['timeout'];

/** Parses `type=…,…` or the name of an image: its inline cache, or the cache under this name. Throws `usage`. */
export function parseCacheFrom(text: string): CacheSource {
  const flag = '--cache-from';
  if (!text.includes('=')) return { location: readCacheReference(flag, text), timeoutMs: undefined };
  const fields = new CacheFields(flag, text);
  const type = typeOf(fields);
  if (type === 'inline') throw fields.refuse('an inline cache is read from an image', 'write `--cache-from IMAGE`');
  fields.requireKnown(type, [...OPTIONS[type], ...COMMON]);
  const location = readLocation(type, fields, 'src');
  return { location, timeoutMs: fields.duration('timeout') };
}

/** Parses `type=…,…` or the name of a cache in a registry. Throws `usage`, and `unsupported` for compressions that mkimage does not write. */
export function parseCacheTo(text: string): CacheTarget {
  const flag = '--cache-to';
  if (!text.includes('=')) return { ...DEFAULTS, location: readCacheReference(flag, text) };
  const fields = new CacheFields(flag, text);
  const type = typeOf(fields);
  fields.requireKnown(type, [...OPTIONS[type], ...COMMON, ...WRITING, ...WRITING_OURS]);
  const location: CacheLocation | InlineCache = type === 'inline' ? { type } : readLocation(type, fields, 'dest');
  const compression = compressionOf(fields);
  return {
    location,
    mode: fields.choice('mode', ['min', 'max'], 'min'),
    compression,
    level: levelOf(fields, compression),
    ociTypes: ociTypesOf(fields),
    ignoreError: fields.flag('ignore-error'),
    mounts: mountsOf(fields, type),
    mountsSize: fields.size('mounts-size'),
    timeoutMs: fields.duration('timeout'),
  };
}

const DEFAULTS: Omit<CacheTarget, 'location'> = {
  mode: 'min',
  compression: 'gzip',
  level: undefined,
  ociTypes: true,
  ignoreError: undefined,
  mounts: [],
  mountsSize: undefined,
  timeoutMs: undefined,
};

/** `all`, or ids separated by `;`, or by commas in a quoted field. */
function mountsOf(fields: CacheFields, type: CacheType): CacheTarget['mounts'] {
  const text = fields.text('mounts');
  if (text === undefined) return [];
  if (type === 'inline')
    throw fields.refuse('an inline cache has no cache mounts', 'use another type, e.g. `registry`');
  return text === 'all' ? text : text.split(/[;,]/).filter((id) => id !== '');
}

function typeOf(fields: CacheFields): CacheType {
  fields.require('type', 'type=registry,ref=example.com/app:cache');
  return fields.choice('type', CACHE_TYPES, 'registry');
}

function compressionOf(fields: CacheFields): Compression {
  const text = fields.text('compression');
  if (text === 'estargz') throw fields.refuse('compression `estargz` is not supported', 'use gzip or zstd');
  return fields.choice('compression', ['gzip', 'zstd', 'uncompressed'], 'gzip');
}

function levelOf(fields: CacheFields, compression: Compression): number | undefined {
  const level = fields.count('compression-level');
  if (level === undefined) return undefined;
  const highest = compression === 'zstd' ? 22 : 9;
  if (level > highest)
    throw fields.refuse(`invalid value for \`compression-level\`: \`${level}\``, `levels are 0 to ${highest}`);
  return compression === 'zstd' ? Math.min(Math.max(level, 1), 19) : level;
}

/** A cache is always an image manifest. As in BuildKit, it must have OCI's media types if `image-manifest` is given. */
function ociTypesOf(fields: CacheFields): boolean {
  const ociTypes = fields.flag('oci-mediatypes') ?? true;
  if (fields.flag('image-manifest') === true && !ociTypes) {
    throw fields.refuse('image-manifest=true needs oci-mediatypes=true');
  }
  return ociTypes;
}
