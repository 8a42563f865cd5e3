import type { Compression, Platform } from '../oci/index.ts';

/**
 * Where an annotation is written: into the manifest or the index, or into the descriptor that points at it. An image for one
 * platform has no index, and annotations for the index are dropped.
 */
export type AnnotationPlace = 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';

export interface Annotation {
  readonly place: AnnotationPlace;
  /** Applies only to images of this platform. */
  readonly platform?: Platform;
  readonly key: string;
  readonly value: string;
}

/** The form of an image that is written out. */
export interface ImageOptions {
  /** undefined: gzip in archives and layouts, unchanged in the store. */
  readonly compression: Compression | undefined;
  readonly level: number | undefined;
  /** Compress the layers of the base image again too. */
  readonly force: boolean;
  readonly ociTypes: boolean;
  /** Normalized names in addition to those of the request. */
  readonly names: readonly string[];
  readonly annotations: readonly Annotation[];
}

interface FileOutput {
  readonly dest: string;
  /** Write only this directory of the image, as the root. */
  readonly source?: string;
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
    /** Only in the store. */
    | { readonly type: 'image'; readonly image: ImageOptions }
    | { readonly type: 'cacheonly' }
  );
