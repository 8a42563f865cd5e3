/** Opens caches outside the store. Their code is imported when a build uses them. */
import { resolve } from 'node:path';
import type { ActionsCache, BucketCache, CacheLocation, RegistryCache } from '../api/index.ts';
import type { SharedStorage } from '../cache/index.ts';
import { MkimageError } from '../errors.ts';
import type { HttpClient } from '../http/index.ts';
import { parseReference } from '../oci/index.ts';
import type { Registry } from '../registry/index.ts';
import type { EngineCall } from './call.ts';

export interface CacheServices {
  /** Throws `usage` if a setting is missing. Nothing is read or written yet. `ociTypes`: for a cache in a registry. */
  open(
    location: CacheLocation,
    call: Pick<EngineCall, 'cwd' | 'env' | 'log'>,
    options?: { readonly ociTypes: boolean },
  ): Promise<SharedStorage>;
}

export interface CacheTools {
  readonly http: () => Promise<HttpClient>;
  readonly registry: Registry;
  readonly insecureRegistry: (names: readonly string[]) => Registry;
  readonly now: () => string;
}

type Opening = Pick<EngineCall, 'cwd' | 'env' | 'log'>;

export function createCacheServices(tools: CacheTools): CacheServices {
  return {
    open: async (location, call, options) => {
      switch (location.type) {
        case 'local': {
          const { FolderStorage } = await import('../cache/shared/folder.ts');
          return new FolderStorage({ ...location, directory: resolve(call.cwd, location.directory) });
        }
        case 'registry':
          return openRepository(tools, location, options?.ociTypes ?? true);
        case 's3':
          return openBucket(tools, location, call);
        case 'gha':
          return openActions(tools, location, call);
        default:
          return location satisfies never;
      }
    },
  };
}

async function openRepository(tools: CacheTools, { ref, insecure }: RegistryCache, ociTypes: boolean) {
  const { RepositoryStorage } = await import('../cache/shared/repository.ts');
  const reference = parseReference(ref);
  const registry = insecure ? tools.insecureRegistry([reference.registry]) : tools.registry;
  return new RepositoryStorage({ registry, reference, ociTypes });
}

async function openBucket({ http }: CacheTools, location: BucketCache, { env, log }: Opening): Promise<SharedStorage> {
  const { BucketStorage } = await import('../cache/shared/bucket.ts');
  const { findIdentity, findRegion } = await import('../cache/shared/bucket-settings.ts');
  const bucket = location.bucket ?? env.AWS_BUCKET;
  const region = location.region ?? findRegion(env);
  if (!bucket) throw createMissingError('s3', 'bucket', 'AWS_BUCKET');
  if (!region) throw createMissingError('s3', 'region', 'AWS_REGION');
  const credentials = location.credentials ?? findIdentity(env);
  if (credentials !== undefined) log?.hide([credentials.secretAccessKey, credentials.sessionToken ?? '']);
  return new BucketStorage({ ...location, http: await http(), bucket, region, credentials });
}

/** As in BuildKit, version 2 is used if the environment asks for it. */
async function openActions(
  { http, now }: CacheTools,
  { url, urlV2, token: given, version, scope }: ActionsCache,
  { env, log }: Opening,
): Promise<SharedStorage> {
  const { ActionsStorage } = await import('../cache/shared/actions.ts');
  const { createActionsApi, createActionsRest } = await import('../cache/shared/actions-api.ts');
  const token = given ?? env.ACTIONS_RUNTIME_TOKEN;
  if (!token) throw createMissingError('gha', 'token', 'ACTIONS_RUNTIME_TOKEN');
  const isSecond = (version ?? (urlV2 !== undefined || env.ACTIONS_CACHE_SERVICE_V2 ? 2 : 1)) === 2;
  const address = isSecond ? (urlV2 ?? env.ACTIONS_RESULTS_URL) : (url ?? env.ACTIONS_CACHE_URL);
  if (!address) {
    throw createMissingError(
      'gha',
      isSecond ? 'url_v2' : 'url',
      isSecond ? 'ACTIONS_RESULTS_URL' : 'ACTIONS_CACHE_URL',
    );
  }
  log?.hide([token]);
  const client = await http();
  const api = (isSecond ? createActionsApi : createActionsRest)({ http: client, url: address, token });
  const stamp = () => String(Date.parse(now()));
  return new ActionsStorage({ http: client, api, scope, stamp });
}

function createMissingError(type: string, option: string, variable: string): MkimageError {
  return new MkimageError('usage', `open cache of type \`${type}\`: \`${option}\` is missing`, {
    hint: `give the option \`${option}\`, or set ${variable}`,
  });
}
