export {
  type Annotations,
  type BuiltDocument,
  buildIndex,
  buildManifest,
  type ManifestDialect,
} from './build-manifest.ts';
export { type ChainId, chainIdOf, computeChainId, EMPTY_CHAIN } from './chain-id.ts';
export { describeUrl, removeCredentials } from './credentials.ts';
export type { Descriptor } from './descriptor.ts';
export { type Digest, digestOf, encodedOf, isDigest, parseDigest } from './digest.ts';
export { createEpochHint, readEpoch } from './epoch.ts';
export type { ContainerConfig, Healthcheck, HistoryEntry, ImageConfig } from './image-config.ts';
export { ANNOTATION, IMAGE_LAYOUT } from './image-layout.ts';
export { formatCanonicalJson } from './json/canonical-json.ts';
export { openSealedJson, sealJson, sealJsonInPieces } from './json/sealed-json.ts';
export { MAX_JSON_BYTES, parseStrictJson } from './json/strict-json.ts';
export type { Layer, ResolvedImage } from './layer.ts';
export type { ImageIndex, Manifest } from './manifest.ts';
export {
  fetchManifestGraph,
  isReferrer,
  listGraphImages,
  listNodes,
  type ManifestNode,
  NO_BOUNDS,
  readManifestGraph,
} from './manifest-graph.ts';
export {
  type Compression,
  compressionOf,
  isForeignLayer,
  isIndexType,
  isManifestType,
  MEDIA_TYPE,
  toLayerMediaType,
} from './media-types.ts';
export { parseConfig, parseContainerConfig } from './parse-config.ts';
export {
  layersOf,
  type ManifestOrIndex,
  parseDescriptor,
  parseIndex,
  parseManifest,
  parseManifestOrIndex,
} from './parse-manifest.ts';
export {
  completePlatform,
  formatPlatform,
  formatWholePlatform,
  matchPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
  parseWantedPlatform,
  toHostPlatform,
  type WantedPlatform,
} from './platform.ts';
export {
  formatFamiliarName,
  formatFamiliarRepository,
  formatReference,
  normalizeName,
  parseReference,
  type Reference,
} from './reference.ts';
