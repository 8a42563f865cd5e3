import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { labelsOfBlob, reportTransfer, verifyStream } from '../../src/content/index.ts';
import { MkimageError, throwIfCancelled } from '../../src/errors.ts';
import { type Descriptor, digestOf, parseDigest, type Reference } from '../../src/oci/index.ts';
import type { Call } from '../../src/progress.ts';
import type { FetchedManifest, PutOptions, Registry, Repository } from '../../src/registry/index.ts';
import type { FilledRegistry } from '../contract/registry.ts';

/** One registry in memory, whatever name it is asked by. Kept honest by the contract suite. */
export function memoryRegistry(host = 'memory.test'): FilledRegistry {
  const content: Content = { host, manifests: new Map(), blobs: new Map() };
  return {
    host,
    putBlob: async (repository, bytes) =>
      void content.blobs.set(`${repository}@${digestOf(bytes)}`, Buffer.from(bytes)),
    putManifest: async (repository, tag, mediaType, text) =>
      void keepManifest(content, { repository, tag }, { mediaType, bytes: Buffer.from(text) }),
    registry: openRegistry(content),
    [Symbol.asyncDispose]: async () => {},
  };
}

interface Content {
  readonly host: string;
  /** By `repository:tag` and `repository@digest`. */
  readonly manifests: Map<string, FetchedManifest>;
  /** By `repository@digest`. */
  readonly blobs: Map<string, Buffer>;
}

function openRegistry(content: Content): Registry {
  const { host, manifests } = content;
  const find = (reference: Reference, call: Call) => {
    throwIfCancelled(call.signal);
    return manifests.get(keyOf(reference));
  };
  return {
    manifest: async (reference, call) =>
      find(reference, call) ?? refuse(`fetch manifest of \`${host}/${keyOf(reference)}\``),
    checkLogin: async (_registry, credentials) => credentials,
    findManifest: async (reference, call) => find(reference, call)?.descriptor,
    putManifest: async (reference, { mediaType, bytes }, call) => {
      throwIfCancelled(call.signal);
      const digest = digestOf(bytes);
      if ((reference.digest ?? digest) !== digest) throw new MkimageError('integrity', 'push manifest: another digest');
      requireBlobs(content, reference.repository, bytes);
      return keepManifest(content, reference, { mediaType, bytes: Buffer.from(bytes) });
    },
    deleteManifest: async (reference, call) => {
      const found = find(reference, call) ?? refuse(`delete \`${host}/${keyOf(reference)}\``);
      for (const [key, { descriptor }] of manifests) {
        const isOfIt = key.startsWith(`${reference.repository}:`) || key.startsWith(`${reference.repository}@`);
        if (isOfIt && descriptor.digest === found.descriptor.digest) manifests.delete(key);
      }
    },
    listTags: async function* ({ repository }, call) {
      throwIfCancelled(call.signal);
      const known = [...manifests.keys()].filter((key) => key.startsWith(`${repository}:`));
      const isKnown = [...content.blobs.keys(), ...manifests.keys()].some(
        (key) => /^[^:@]*/.exec(key)?.[0] === repository,
      );
      if (!isKnown) refuse(`list tags of \`${host}/${repository}\``);
      yield* known.map((key) => key.slice(repository.length + 1)).sort();
    },
    checkPush: async (_reference, call) => throwIfCancelled(call.signal),
    repository: (reference) => openRepository(content, reference),
  };
}

function openRepository({ blobs }: Content, { repository }: Reference): Repository {
  const find = (name: string, { digest }: Descriptor) => blobs.get(`${name}@${parseDigest(digest)}`);
  const put = async (blob: Descriptor, { from, mountFrom, step, replace }: PutOptions, call: Call) => {
    throwIfCancelled(call.signal);
    if (replace !== true && find(repository, blob)?.length === blob.size) return 'present';
    const mounted = mountFrom === undefined ? undefined : find(mountFrom, blob);
    const bytes = mounted ?? (await buffer(verifyStream(await from.open(blob, call), blob)));
    throwIfCancelled(call.signal);
    blobs.set(`${repository}@${blob.digest}`, bytes);
    if (mounted !== undefined) return 'mounted';
    const transfer = step === undefined ? undefined : reportTransfer(labelsOfBlob(blob, step), call);
    transfer?.addBytes(blob.size);
    transfer?.finish();
    return 'uploaded';
  };
  return {
    open: async (blob, call) => {
      throwIfCancelled(call.signal);
      return streamOf(find(repository, blob) ?? refuse(`fetch blob \`${blob.digest}\``), blob, call);
    },
    has: async (blob, call) => {
      throwIfCancelled(call.signal);
      return find(repository, blob)?.length === blob.size;
    },
    put,
  };
}

function keepManifest(
  { manifests }: Content,
  { repository, tag }: Pick<Reference, 'repository' | 'tag'>,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Buffer },
): Descriptor {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  for (const name of [...(tag === undefined ? [] : [`:${tag}`]), `@${descriptor.digest}`])
    manifests.set(`${repository}${name}`, { descriptor, bytes });
  return descriptor;
}

/** A registry takes no manifest whose parts it does not have. */
function requireBlobs({ blobs, manifests }: Content, repository: string, bytes: Uint8Array): void {
  const document = JSON.parse(Buffer.from(bytes).toString()) as {
    config?: Descriptor;
    layers?: readonly Descriptor[];
    manifests?: readonly Descriptor[];
  };
  const needed = [...(document.config ? [document.config] : []), ...(document.layers ?? [])];
  const missing =
    needed.find(({ digest }) => !blobs.has(`${repository}@${digest}`)) ??
    document.manifests?.find(({ digest }) => !manifests.has(`${repository}@${digest}`));
  if (missing === undefined) return;
  throw new MkimageError('registry', `push manifest: blob unknown (status 400)`, {
    evidence: { status: 400, temporary: false, faults: ['MANIFEST_BLOB_UNKNOWN'] },
  });
}

function keyOf({ repository, tag = 'latest', digest }: Reference): string {
  return `${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

function refuse(what: string): never {
  throw new MkimageError('not-found', `${what}: unknown (status 404)`);
}

function streamOf(bytes: Buffer, { size }: Descriptor, { signal }: Call): Readable {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) {
      throwIfCancelled(signal);
      yield bytes.subarray(at, at + 65_536);
    }
    throwIfCancelled(signal);
    if (bytes.length !== size) throw new MkimageError('integrity', `fetch blob: ${bytes.length} of ${size} bytes`);
  };
  return Readable.from(pieces(), { objectMode: false });
}
