/** Media types by their names in the specs (image-spec media-types.md; Docker's are distribution's manifest v2 schema 2). */
export const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  foreignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  foreignLayerGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  foreignLayerZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const;

export type Compression = 'uncompressed' | 'gzip' | 'zstd';

/** The compression of a layer's media type; undefined if it is not a readable layer. */
export function compressionOf(mediaType: string): Compression | undefined {
  switch (mediaType) {
    case MEDIA_TYPE.layer:
    case MEDIA_TYPE.dockerLayer:
    case MEDIA_TYPE.foreignLayer:
      return 'uncompressed';
    case MEDIA_TYPE.layerGzip:
    case MEDIA_TYPE.dockerLayerGzip:
    case MEDIA_TYPE.foreignLayerGzip:
    case MEDIA_TYPE.dockerForeignLayer:
      return 'gzip';
    case MEDIA_TYPE.layerZstd:
    case MEDIA_TYPE.dockerLayerZstd:
    case MEDIA_TYPE.foreignLayerZstd:
      return 'zstd';
    default:
      return undefined;
  }
}

/** The OCI layer media type for a compression. */
export function toLayerMediaType(compression: Compression): string {
  return { uncompressed: MEDIA_TYPE.layer, gzip: MEDIA_TYPE.layerGzip, zstd: MEDIA_TYPE.layerZstd }[compression];
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.index || mediaType === MEDIA_TYPE.dockerManifestList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.manifest || mediaType === MEDIA_TYPE.dockerManifest;
}

/** True for layers that may not be distributed by registries. Their bytes are ordinary layer tars. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.dockerForeignLayer || mediaType.startsWith(MEDIA_TYPE.foreignLayer);
}
