/** Names of the OCI image layout (image-spec image-layout.md). */
export const IMAGE_LAYOUT = {
  /** Marks a directory or archive as a layout. */
  marker: 'oci-layout',
  markerText: '{"imageLayoutVersion":"1.0.0"}',
  version: '1.0.0',
  index: 'index.json',
  blobs: 'blobs/sha256',
} as const;

/** Annotations of image-spec (annotations.md) and of containerd that name an image in an index. */
export const ANNOTATION = {
  refName: 'org.opencontainers.image.ref.name',
  imageName: 'io.containerd.image.name',
  /** Docker's: `attestation-manifest` on an index entry that is not an image. */
  referenceType: 'vnd.docker.reference.type',
} as const;
