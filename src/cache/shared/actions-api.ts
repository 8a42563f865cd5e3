/**
 * The cache service of GitHub Actions: entries by key, which cannot be changed. Version 2 is Twirp with JSON and signed URLs, version 1
 * (also of other servers) is REST.
 */
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MkimageError } from '../../errors.ts';
import type { HttpClient } from '../../http/index.ts';
import { digestOf, encodedOf } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { contentOf, sendOnly, sendRequest, type WebContent } from './web.ts';

export interface ActionsEntry {
  readonly key: string;
  /** Where its bytes are, with the right to read them. */
  readonly url: string;
}

export interface ActionsApi {
  /** Returns the entry of this key, or the newest one whose key begins with `prefix`. */
  find(key: { readonly exact: string } | { readonly prefix: string }, call: Call): Promise<ActionsEntry | undefined>;
  /** Does nothing if there is an entry with this key. */
  save(key: string, content: WebContent, call: Call): Promise<void>;
}

export interface ActionsOptions {
  readonly http: HttpClient;
  readonly url: string;
  readonly token: string;
}

/** Entries are found only by the version with which they were saved: it names the format of the content. */
const ENTRY_VERSION = encodedOf(digestOf('mkimage cache 1'));

export async function openEntry(http: HttpClient, { url, key }: ActionsEntry, call: Call): Promise<Readable> {
  return (await sendRequest(http, { url: new URL(url), what: `read cache entry \`${key}\`` }, call)).body;
}

type CallMethod = (method: string, message: object, call: Call) => Promise<Record<string, unknown>>;

/** Returns a function that calls a method of the service and gives the members of its answer, and the status. */
function createTwirpClient({ http, url, token }: ActionsOptions): CallMethod {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return async (method, message, call) => {
    const path = `twirp/github.actions.results.api.v1.CacheService/${method}`;
    const content = contentOf(Buffer.from(JSON.stringify(message)));
    const what = `ask cache service: ${method}`;
    const request = { url: below(url, path), method: 'POST', headers, content, what } as const;
    const answer = await sendRequest(http, { ...request, accepted: [404, 409] }, call);
    return { status: answer.status, ...(await readAnswer(answer.body)) };
  };
}

/** Version 2. */
export function createActionsApi(options: ActionsOptions): ActionsApi {
  const { http } = options;
  const ask = createTwirpClient(options);
  return {
    find: async (wanted, call) => {
      const [key, restore] = 'exact' in wanted ? [wanted.exact, []] : [wanted.prefix, [wanted.prefix]];
      const message = { key, restore_keys: restore, version: ENTRY_VERSION };
      const {
        ok,
        signed_download_url: found,
        matched_key: matched,
      } = await ask('GetCacheEntryDownloadURL', message, call);
      if (ok !== true || typeof found !== 'string' || found === '') return undefined;
      if ('exact' in wanted && matched !== wanted.exact && matched !== undefined) return undefined;
      return { key: typeof matched === 'string' ? matched : key, url: found };
    },
    save: async (key, content, call) => {
      const created = await ask('CreateCacheEntry', { key, version: ENTRY_VERSION }, call);
      if (created.status === 409) return;
      if (created.ok !== true || typeof created.signed_upload_url !== 'string') return;
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' };
      const target = new URL(created.signed_upload_url);
      await sendOnly(
        http,
        { url: target, method: 'PUT', headers, content, what: `write cache entry \`${key}\`` },
        call,
      );
      const message = { key, version: ENTRY_VERSION, size_bytes: String(content.length) };
      const finished = await ask('FinalizeCacheEntryUpload', message, call);
      if (finished.ok !== true) throw createUnsavedError(key);
    },
  };
}

/** Version 1. */
export function createActionsRest({ http, url, token }: ActionsOptions): ActionsApi {
  const authorization = `Bearer ${token}`;
  const headers = { authorization, accept: 'application/json;api-version=6.0-preview.1' };
  const json = { ...headers, 'content-type': 'application/json' };
  const at = (path: string) => below(url, `_apis/artifactcache/${path}`);
  return {
    find: async (wanted, call) => {
      const key = 'exact' in wanted ? wanted.exact : wanted.prefix;
      const question = `cache?keys=${encodeURIComponent(key)}&version=${ENTRY_VERSION}`;
      const request = { url: at(question), headers, what: 'ask cache service', accepted: [404] };
      const answer = await sendRequest(http, request, call);
      const { archiveLocation: found, cacheKey } = await readAnswer(answer.body);
      if (answer.status !== 200 || typeof found !== 'string') return undefined;
      if ('exact' in wanted && cacheKey !== wanted.exact) return undefined;
      return { key: String(cacheKey), url: found };
    },
    save: async (key, content, call) => {
      const what = `write cache entry \`${key}\``;
      const reservation = contentOf(
        Buffer.from(JSON.stringify({ key, version: ENTRY_VERSION, cacheSize: content.length })),
      );
      const request = { url: at('caches'), method: 'POST', headers: json, content: reservation, what } as const;
      const answer = await sendRequest(http, { ...request, accepted: [409] }, call);
      const { cacheId } = await readAnswer(answer.body);
      if (answer.status === 409) return;
      if (typeof cacheId !== 'number') throw createUnsavedError(key);
      const range = { 'content-range': `bytes 0-${Math.max(content.length - 1, 0)}/*` };
      const upload = { ...headers, ...range, 'content-type': 'application/octet-stream' };
      await sendOnly(http, { url: at(`caches/${cacheId}`), method: 'PATCH', headers: upload, content, what }, call);
      const size = contentOf(Buffer.from(JSON.stringify({ size: content.length })));
      await sendOnly(http, { url: at(`caches/${cacheId}`), method: 'POST', headers: json, content: size, what }, call);
    },
  };
}

function below(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

/** An answer without content (204) is an empty object. */
async function readAnswer(body: Readable): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse((await text(body)) || '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (cause) {
    throw new MkimageError('registry', 'ask cache service: the answer is not JSON', { cause });
  }
}

function createUnsavedError(key: string): MkimageError {
  return new MkimageError('registry', `write cache entry \`${key}\`: the service did not take it`);
}
