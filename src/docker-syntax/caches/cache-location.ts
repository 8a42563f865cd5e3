import type { ActionsCache, BucketCache, CacheLocation, FolderCache, RegistryCache } from '../../api/index.ts';
import { readOrUndefined } from '../../errors.ts';
import { formatReference, isDigest, parseReference } from '../../oci/index.ts';
import { CacheFields } from './cache-fields.ts';

/** The default scope, so that it is not mixed up with that of other programs. */
const DEFAULT_NAME = 'mkimage';

/** Reads the fields of a type. `path` is the name of the folder's field: `src` to read, `dest` to write. Throws `usage`. */
export function readLocation(type: CacheLocation['type'], fields: CacheFields, path: 'src' | 'dest'): CacheLocation {
  switch (type) {
    case 'registry':
      return registryOf(fields);
    case 'local':
      return folderOf(fields, path);
    case 's3':
      return bucketOf(fields);
    case 'gha':
      return actionsOf(fields);
    default:
      return type satisfies never;
  }
}

/** Reads the short form: only the name of a repository. Throws `usage`. */
export function readCacheReference(flag: string, text: string): RegistryCache {
  return { type: 'registry', ref: normalize(new CacheFields(flag, ''), text), insecure: false };
}

function registryOf(fields: CacheFields): RegistryCache {
  const ref = fields.require('ref', 'type=registry,ref=example.com/app:cache');
  return { type: 'registry', ref: normalize(fields, ref), insecure: fields.flag('registry.insecure') ?? false };
}

function normalize(fields: CacheFields, text: string): string {
  const reference = readOrUndefined(() => parseReference(text), 'invalid-reference');
  if (reference !== undefined) return formatReference(reference);
  throw fields.refuse(`\`${text}\` is not a name of an image`, 'e.g. `example.com/app:cache`');
}

function folderOf(fields: CacheFields, path: 'src' | 'dest'): FolderCache {
  const directory = fields.require(path, `type=local,${path}=/tmp/cache`);
  const digest = fields.text('digest');
  if (digest !== undefined && !isDigest(digest)) throw fields.refuse(`\`${digest}\` is not a digest`);
  const tag = fields.text('tag') ?? 'latest';
  return { type: 'local', directory, tag, ...(digest === undefined ? {} : { digest }) };
}

function bucketOf(fields: CacheFields): BucketCache {
  const prefix = fields.text('prefix') ?? '';
  const accessKeyId = fields.text('access_key_id');
  const secretAccessKey = fields.text('secret_access_key');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw fields.refuse('`access_key_id` and `secret_access_key` belong together');
  }
  const isGiven = accessKeyId !== undefined && secretAccessKey !== undefined;
  return {
    type: 's3',
    bucket: fields.text('bucket'),
    region: fields.text('region'),
    endpoint: endpointOf(fields, 'endpoint_url'),
    usePathStyle: fields.flag('use_path_style') ?? false,
    blobsPrefix: `${prefix}${fields.text('blobs_prefix') ?? 'blobs/'}`,
    manifestsPrefix: `${prefix}${fields.text('manifests_prefix') ?? 'manifests/'}`,
    names: (fields.text('name') ?? DEFAULT_NAME).split(';').filter((name) => name !== ''),
    credentials: isGiven ? { accessKeyId, secretAccessKey, sessionToken: fields.text('session_token') } : undefined,
  };
}

function actionsOf(fields: CacheFields): ActionsCache {
  const version = fields.text('version');
  if (version !== undefined && version !== '1' && version !== '2') {
    throw fields.refuse(`invalid value for \`version\`: \`${version}\``, 'one of 1, 2');
  }
  return {
    type: 'gha',
    url: endpointOf(fields, 'url'),
    urlV2: endpointOf(fields, 'url_v2'),
    token: fields.text('token'),
    version: version === undefined ? undefined : version === '1' ? 1 : 2,
    scope: fields.text('scope') ?? DEFAULT_NAME,
  };
}

function endpointOf(fields: CacheFields, key: string): string | undefined {
  const text = fields.text(key);
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw fields.refuse(`invalid value for \`${key}\`: not an http or https URL`);
}
