/** A base image of the benchmark. */
export interface Base {
  /** As build files call it. */
  readonly name: string;
  /** Folder of the OCI layout. */
  readonly layout: string;
  /** Digest of its manifest. */
  readonly manifest: string;
  /** Digest of its config: what builders call the ID of an image. */
  readonly config: string;
}
