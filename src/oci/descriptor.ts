import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** Describes content: media type, size in bytes and digest (image-spec descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}
