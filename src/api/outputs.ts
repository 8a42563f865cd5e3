import type { Compression, Platform } from '../oci/index.ts';

/**
 * Where an annotation goes: into the manifest, or onto the descriptor that points at it. An image for one platform has no
 * index, so what is for that goes nowhere.
 */
export type AnnotationPlace = 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor';

export interface Annotation {
  readonly place: AnnotationPlace;
  /** It is for images of this platform only. */
  readonly platform?: Platform;
  readonly key: string;
  readonly value: string;
}

/** The form of an image that is written out. */
export interface ImageOptions {
  /** undefined: gzip in archives and layouts, as it is in the store. */
  readonly compression: Compression | undefined;
  readonly level: number | undefined;
  /** Layers of the base are compressed anew as well. */
  readonly force: boolean;
  readonly ociTypes: boolean;
  /** Normalised names beside those of the request. */
  readonly names: readonly string[];
  readonly annotations: readonly Annotation[];
}

interface FileOutput {
  readonly dest: string;
  /** Only what is in this directory of the image, as the root. */
  readonly source?: string;
}

interface TimedOutput {
  /** Seconds since 1970, for the whole build. */
  readonly epoch?: number;
}

/** What a build is written out as. `dest` is a path, or `-` for the caller's output. */
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
    /** `delete`: what is in the directory and not in the image goes away. */
    | (FileOutput & { readonly type: 'local'; readonly mode: 'copy' | 'delete' })
    /** Only into the store. */
    | { readonly type: 'image'; readonly image: ImageOptions }
    | { readonly type: 'cacheonly' }
  );
