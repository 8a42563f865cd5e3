import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Descriptor, type Digest, digestOf, isDigest } from '../../src/oci/index.ts';
import type { SmallSink } from './images.ts';
import { type ScriptedServer, serve } from './scripted-server.ts';

/** An in-process registry that serves what is put into it, and can be told to spoil some of it. */
export interface ServedImages extends SmallSink, AsyncDisposable {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  readonly server: ScriptedServer;
  readonly blobs: Map<Digest, { readonly mediaType: string; bytes: Uint8Array }>;
  tag(name: string, target: Descriptor): void;
  /** Paths of blobs and manifests that were asked for, without the look whether anybody is there. */
  asked(): readonly string[];
}

/** Starts it. Every repository holds every blob. */
export async function serveImages(): Promise<ServedImages> {
  const blobs: ServedImages['blobs'] = new Map();
  const tags = new Map<string, Digest>();
  const server = await serve((request, response) => answer(request, response, blobs, tags));
  return {
    host: `127.0.0.1:${server.port}`,
    server,
    blobs,
    putSmall: (mediaType, content) => {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      blobs.set(digest, { mediaType, bytes });
      return { mediaType, digest, size: bytes.length };
    },
    tag: (name, target) => tags.set(name, target.digest),
    asked: () => server.seen.map(({ path }) => path).filter((path) => path !== '/v2/'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  blobs: ServedImages['blobs'],
  tags: ReadonlyMap<string, Digest>,
): void {
  const [, repository, kind, name] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
  const digest = isDigest(name) ? name : tags.get(`${repository}:${name}`);
  const found = digest === undefined ? undefined : blobs.get(digest);
  if (found === undefined) {
    const code = kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN';
    response.writeHead(request.url === '/v2/' ? 200 : 404);
    return void response.end(JSON.stringify({ errors: [{ code, message: 'unknown' }] }));
  }
  response.setHeader('content-type', kind === 'manifests' ? found.mediaType : 'application/octet-stream');
  response.end(found.bytes);
}
