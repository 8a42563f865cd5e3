import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type ScriptedServer, serve } from './scripted-server.ts';

/** A server that speaks both versions of the cache service of GitHub Actions, as far as its public clients use them. */
export interface ActionsServer extends AsyncDisposable {
  readonly url: string;
  readonly server: ScriptedServer;
  /** Entries that are complete, oldest first. */
  readonly entries: Map<string, Buffer>;
  /** Answers this status to everything. */
  failWith: number | undefined;
}

export const ACTIONS_TOKEN = 'runtime-token';

export async function startActionsServer(): Promise<ActionsServer> {
  const entries = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer>();
  const ids: string[] = [];
  const server = await serve((request, response) => {
    void answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  const url = `http://127.0.0.1:${server.port}/`;
  const find = (key: string, isPrefix: boolean) =>
    [...entries.keys()].reverse().find((each) => each === key || (isPrefix && each.startsWith(key)));
  const json = (response: ServerResponse, value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const state: ActionsServer = {
    url,
    server,
    entries,
    failWith: undefined,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (state.failWith !== undefined) return void response.writeHead(state.failWith).end();
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const signed = /^\/signed\/(.+)$/.exec(pathname)?.[1];
    if (signed !== undefined) return void answerSigned(request, response, { key: decodeURIComponent(signed), body });
    if (request.headers.authorization !== `Bearer ${ACTIONS_TOKEN}`) return void response.writeHead(401).end();
    const method = /CacheService\/(\w+)$/.exec(pathname)?.[1];
    if (method !== undefined) return void answerTwirp(response, method, JSON.parse(body.toString()));
    answerRest(request, response, { path: pathname, keys: searchParams.get('keys'), body });
  }

  /** Signed URLs have their right in themselves: a token here would be a leak. */
  function answerSigned(
    request: IncomingMessage,
    response: ServerResponse,
    { key, body }: { key: string; body: Buffer },
  ) {
    if (request.headers.authorization !== undefined) return void response.writeHead(400).end();
    if (request.method === 'PUT') {
      if (request.headers['x-ms-blob-type'] !== 'BlockBlob') return void response.writeHead(400).end();
      uploads.set(key, body);
      return void response.writeHead(201).end();
    }
    const found = entries.get(key);
    return void (found === undefined ? response.writeHead(404).end() : response.end(found));
  }

  function answerTwirp(response: ServerResponse, method: string, message: Record<string, string & string[]>) {
    const key = message.key!;
    const signedUrl = (name: string) => `${url}signed/${encodeURIComponent(name)}`;
    if (method === 'GetCacheEntryDownloadURL') {
      const found = find(key, false) ?? (message.restore_keys ?? []).flatMap((each) => find(each, true) ?? [])[0];
      if (found === undefined) return json(response, { ok: false, signed_download_url: '', matched_key: '' });
      return json(response, { ok: true, signed_download_url: signedUrl(found), matched_key: found });
    }
    if (method === 'CreateCacheEntry') {
      if (entries.has(key)) return json(response, { code: 'already_exists', msg: 'cache entry exists' }, 409);
      return json(response, { ok: true, signed_upload_url: signedUrl(key) });
    }
    const bytes = uploads.get(key);
    if (bytes === undefined || String(bytes.length) !== message.size_bytes) return json(response, { ok: false });
    entries.set(key, bytes);
    return json(response, { ok: true, entry_id: '1' });
  }

  function answerRest(
    request: IncomingMessage,
    response: ServerResponse,
    { path, keys, body }: { path: string; keys: string | null; body: Buffer },
  ) {
    if (keys !== null) {
      const found = find(keys, true);
      if (found === undefined) return void response.writeHead(204).end();
      return json(response, { cacheKey: found, archiveLocation: `${url}signed/${encodeURIComponent(found)}` });
    }
    const id = /caches\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) {
      const { key } = JSON.parse(body.toString());
      if (entries.has(key)) return json(response, { message: 'exists' }, 409);
      return json(response, { cacheId: ids.push(key) });
    }
    const key = ids[Number(id) - 1]!;
    if (request.method === 'PATCH') {
      if (request.headers['content-range'] !== `bytes 0-${body.length - 1}/*`)
        return void response.writeHead(400).end();
      uploads.set(key, body);
    } else entries.set(key, uploads.get(key)!);
    return void response.writeHead(204).end();
  }
  return state;
}
