import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { formatCanonicalJson } from './json/canonical-json.ts';
import { removeUndefined } from './json/shape.ts';
import type { ImageIndex, Manifest } from './manifest.ts';
import { type Compression, compressionOf, MEDIA_TYPE, toLayerMediaType } from './media-types.ts';

/** Which media types a document uses. Config and layers have the same bytes in both. */
export type ManifestDialect = 'oci' | 'docker';

export type Annotations = Readonly<Record<string, string>>;

/** A manifest or index as it is stored and sent. */
export interface BuiltDocument {
  readonly descriptor: Descriptor;
  /** Canonical JSON: equal parts give equal bytes. */
  readonly bytes: Buffer;
}

export interface ManifestParts {
  /** Default `oci`. */
  readonly dialect?: ManifestDialect;
  /** Its media type is ignored: the dialect decides. */
  readonly config: Pick<Descriptor, 'digest' | 'size'>;
  /** Lowest first. Only media type, digest and size of each are used. */
  readonly layers: readonly Descriptor[];
  readonly annotations?: Annotations | undefined;
}

export interface IndexParts {
  /** Default `oci`. */
  readonly dialect?: ManifestDialect;
  /** In this order, with their platforms and annotations. */
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Annotations | undefined;
}

const TYPES = {
  oci: { manifest: MEDIA_TYPE.manifest, config: MEDIA_TYPE.config, index: MEDIA_TYPE.index },
  docker: {
    manifest: MEDIA_TYPE.dockerManifest,
    config: MEDIA_TYPE.dockerConfig,
    index: MEDIA_TYPE.dockerManifestList,
  },
} as const;

const DOCKER_LAYER: Readonly<Record<Compression, string>> = {
  uncompressed: MEDIA_TYPE.dockerLayer,
  gzip: MEDIA_TYPE.dockerLayerGzip,
  zstd: MEDIA_TYPE.dockerLayerZstd,
};

/** The manifest of one image (image-spec manifest.md; distribution's schema 2). */
export function buildManifest({ dialect = 'oci', config, layers, annotations }: ManifestParts): BuiltDocument {
  const types = TYPES[dialect];
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, digest, size }) => ({
      mediaType: toDialectType(mediaType, dialect),
      digest,
      size,
    })),
    ...toOptionalAnnotations(annotations),
  };
  return documentOf(types.manifest, manifest);
}

/** An index of manifests (image-spec image-index.md; Docker's manifest list). */
export function buildIndex({ dialect = 'oci', manifests, annotations }: IndexParts): BuiltDocument {
  const mediaType = TYPES[dialect].index;
  const index: ImageIndex = { schemaVersion: 2, mediaType, manifests, ...toOptionalAnnotations(annotations) };
  return documentOf(mediaType, index);
}

/** Converts a layer's media type to the dialect, whatever the base used. Types that are not layers are unchanged. */
function toDialectType(mediaType: string, dialect: ManifestDialect): string {
  const compression = compressionOf(mediaType);
  if (compression === undefined) return mediaType;
  return dialect === 'oci' ? toLayerMediaType(compression) : DOCKER_LAYER[compression];
}

function toOptionalAnnotations(annotations: Annotations | undefined): { readonly annotations?: Annotations } {
  return removeUndefined({ annotations: annotations && Object.keys(annotations).length > 0 ? annotations : undefined });
}

function documentOf(mediaType: string, document: Manifest | ImageIndex): BuiltDocument {
  const bytes = Buffer.from(formatCanonicalJson(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
