import type { Compression, Platform } from '../oci/index.ts';

/**
 * Where an annotation is written: into the manifests or the index, or into the descriptors that point at them. An image without
 * an index drops annotations for the index.
 */
export type AnnotationPlace = 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';

export interface Annotation {
  readonly place: AnnotationPlace;
  /** Applies only to manifests of this platform. There is only one index, so there it has no effect. */
  readonly platform?: Platform;
  readonly key: string;
  readonly value: string;
}

/** The form of an image that is written out. */
export interface ImageOptions {
  /** undefined: gzip in archives, layouts and registries, unchanged in the store. */
  readonly compression: Compression | undefined;
  readonly level: number | undefined;
  /** Compress the layers of the base image again too. */
  readonly force: boolean;
  readonly ociTypes: boolean;
  /** Normalized names in addition to those of the request. */
  readonly names: readonly string[];
  readonly annotations: readonly Annotation[];
}

/** How an image is pushed to the registries of its names. */
export interface PushOptions {
  /** Only under its digest: names mean repositories, without their tags. */
  readonly byDigest: boolean;
  /** Name it `repository@digest` in the store too. */
  readonly canonical: boolean;
  /** Allow plain HTTP, and TLS with a certificate that is not trusted. */
  readonly insecure: boolean;
}

interface FileOutput {
  readonly dest: string;
  /** Write only this directory of the image, as the root. */
  readonly source?: string;
  /** Write a folder for each platform (`linux_amd64`). Default: if the image has an index. */
  readonly split?: boolean;
}

interface TimedOutput {
  /** Seconds since 1970, for the whole build. */
  readonly epoch?: number;
}

/** One output of a build. `dest` is a path, or `-` for the caller's output stream. */
export type OutputSpec = TimedOutput &
  (
    | /** An archive that is an OCI layout and a docker-archive, or (without `tar`) a layout directory. */
    {
        readonly type: 'oci' | 'docker';
        readonly dest: string;
        readonly tar: boolean;
        readonly image: ImageOptions;
      }
    | (FileOutput & { readonly type: 'tar' })
    /** `delete`: files in the directory that are not in the image are removed. */
    | (FileOutput & { readonly type: 'local'; readonly mode: 'copy' | 'delete' })
    /** In the store, and with `push` in registries. */
    | { readonly type: 'image'; readonly image: ImageOptions; readonly push?: PushOptions }
    | { readonly type: 'cacheonly' }
  );
