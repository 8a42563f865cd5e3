import { Readable } from 'node:stream';
import { MkimageError, throwIfCancelled } from '../../src/errors.ts';
import { type Descriptor, digestOf, parseDigest } from '../../src/oci/index.ts';
import type { Call } from '../../src/progress.ts';
import type { FetchedManifest } from '../../src/registry/index.ts';
import type { FilledRegistry } from '../contract/registry.ts';

/** One registry in memory, whatever name it is asked by. Kept honest by the contract suite. */
export function memoryRegistry(host = 'memory.test'): FilledRegistry {
  const manifests = new Map<string, FetchedManifest>();
  const blobs = new Map<string, Buffer>();
  return {
    host,
    putBlob: async (repository, bytes) => void blobs.set(`${repository}@${digestOf(bytes)}`, Buffer.from(bytes)),
    putManifest: async (repository, tag, mediaType, text) => {
      const bytes = Buffer.from(text);
      const found = { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
      for (const name of [`:${tag}`, `@${found.descriptor.digest}`]) manifests.set(`${repository}${name}`, found);
    },
    registry: {
      manifest: async ({ repository, tag = 'latest', digest }, call) => {
        throwIfCancelled(call.signal);
        const name = `${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
        const found = manifests.get(name);
        if (found !== undefined) return found;
        throw new MkimageError('not-found', `fetch manifest of \`${host}/${name}\`: manifest unknown (status 404)`);
      },
      repository: ({ repository }) => ({
        open: async (descriptor, call) => {
          throwIfCancelled(call.signal);
          const found = blobs.get(`${repository}@${parseDigest(descriptor.digest)}`);
          if (found !== undefined) return streamOf(found, descriptor, call);
          throw new MkimageError('not-found', `fetch blob \`${descriptor.digest}\`: blob unknown (status 404)`);
        },
      }),
    },
    [Symbol.asyncDispose]: async () => {},
  };
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
