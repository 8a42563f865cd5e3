/** The OCI image manifest that leads to the document and the layers of a shared cache, so that registries keep them together. */
import { MkimageError } from '../../errors.ts';
import {
  type Descriptor,
  digestOf,
  formatCanonicalJson,
  MAX_JSON_BYTES,
  MEDIA_TYPE,
  parseManifestOrIndex,
} from '../../oci/index.ts';

/** The media type of the document, which is the config of the manifest. */
export const DOCUMENT_TYPE = 'application/vnd.mkimage.cache.v1+json';

const BUILDKIT_TYPE = 'application/vnd.buildkit.cacheconfig.v0';

export interface CacheManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

export interface ManifestParts {
  readonly document: Descriptor;
  readonly blobs: readonly Descriptor[];
  /** Default: OCI's. */
  readonly mediaType?: string;
}

export function describeDocument(document: Buffer): Descriptor {
  return { mediaType: DOCUMENT_TYPE, digest: digestOf(document), size: document.length };
}

export function createCacheManifest({
  document,
  blobs,
  mediaType = MEDIA_TYPE.manifest,
}: ManifestParts): CacheManifest {
  const layers = blobs.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  const bytes = Buffer.from(formatCanonicalJson({ schemaVersion: 2, mediaType, config: document, layers }));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Returns where the document is, or undefined for a manifest or index of an image. Throws `unsupported` for BuildKit's caches. */
export function findDocument(bytes: Uint8Array): Descriptor | undefined {
  const found = parseManifestOrIndex(bytes);
  const entries = found.kind === 'index' ? found.index.manifests : [found.manifest.config];
  if (entries.some(({ mediaType }) => mediaType === BUILDKIT_TYPE)) throw createForeignError();
  if (found.kind === 'index' || found.manifest.config.mediaType !== DOCUMENT_TYPE) return undefined;
  if (found.manifest.config.size <= MAX_JSON_BYTES) return found.manifest.config;
  throw new MkimageError('limit', `read cache: its document has ${found.manifest.config.size} bytes`);
}

function createForeignError(): MkimageError {
  return new MkimageError('unsupported', 'it was written by BuildKit, whose keys mkimage cannot compare', {
    hint: 'give mkimage a cache of its own',
  });
}

/** Throws `unsupported`: there is something under the name, but no cache. */
export function requireDocument(bytes: Uint8Array): Descriptor {
  const document = findDocument(bytes);
  if (document !== undefined) return document;
  throw new MkimageError('unsupported', 'it is an image and holds no cache records');
}
