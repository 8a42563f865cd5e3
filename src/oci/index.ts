export {
  type Annotations,
  type BuiltDocument,
  buildIndex,
  buildManifest,
  type ManifestDialect,
} from './build-manifest.ts';
export { type ChainId, chainIdOf, chainIdOfAll, EMPTY_CHAIN } from './chain-id.ts';
export { withoutCredentials } from './credentials.ts';
export type { Descriptor } from './descriptor.ts';
export { type Digest, digestOf, encodedOf, isDigest, parseDigest } from './digest.ts';
export { epochHint, readEpoch } from './epoch.ts';
export type { ContainerConfig, Healthcheck, HistoryEntry, ImageConfig } from './image-config.ts';
export { ANNOTATION, IMAGE_LAYOUT } from './image-layout.ts';
export { canonicalJson } from './json/canonical-json.ts';
export { openSealedJson, sealJson } from './json/sealed-json.ts';
export { MAX_JSON_BYTES, parseStrictJson } from './json/strict-json.ts';
export type { Layer, ResolvedImage } from './layer.ts';
export type { ImageIndex, Manifest } from './manifest.ts';
export {
  fetchManifestGraph,
  imagesIn,
  isReferrer,
  type ManifestNode,
  NO_BOUNDS,
  nodesOf,
  readManifestGraph,
} from './manifest-graph.ts';
export {
  type Compression,
  compressionOf,
  isForeignLayer,
  isIndexType,
  isManifestType,
  layerMediaType,
  MEDIA_TYPE,
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
  hostPlatform,
  matchPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
  parseWantedPlatform,
  type WantedPlatform,
} from './platform.ts';
export {
  familiarName,
  familiarRepository,
  formatReference,
  normalizeName,
  parseReference,
  type Reference,
} from './reference.ts';
