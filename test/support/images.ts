import { gzipSync } from 'node:zlib';
import {
  type Compression,
  type Descriptor,
  digestOf,
  formatCanonicalJson,
  formatPlatform,
  MEDIA_TYPE,
  type Platform,
  toLayerMediaType,
} from '../../src/oci/index.ts';

/** Anything small blobs can be put into: a store, a map. */
export interface SmallSink {
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
}

export interface ImageShape {
  /** Makes images different from each other. */
  readonly label: string;
  /** Uncompressed tars, lowest first. */
  readonly layers?: readonly Uint8Array[];
  readonly compression?: Exclude<Compression, 'zstd'>;
  readonly platform?: Platform;
  readonly created?: string;
}

const LINUX: Platform = { os: 'linux', architecture: 'amd64' };

/** Puts an image's blobs and gives the descriptor of its manifest. */
export function putImage(sink: SmallSink, shape: ImageShape): Descriptor {
  const tars = shape.layers ?? [Buffer.from(`layer of ${shape.label}`)];
  const compression = shape.compression ?? 'uncompressed';
  const layers = tars.map((tar) =>
    sink.putSmall(toLayerMediaType(compression), compression === 'gzip' ? gzipSync(tar) : tar),
  );
  const config = sink.putSmall(
    MEDIA_TYPE.config,
    formatCanonicalJson({
      created: shape.created ?? '2024-01-02T03:04:05Z',
      ...(shape.platform ?? LINUX),
      config: { Labels: { name: shape.label }, Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
      history: tars.map((_, i) => ({ created_by: `step ${i}` })),
    }),
  );
  const manifest = formatCanonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers });
  return sink.putSmall(MEDIA_TYPE.manifest, manifest);
}

/** An index of images for several platforms. */
export function putIndex(sink: SmallSink, label: string, platforms: readonly Platform[]): Descriptor {
  const manifests = platforms.map((platform) => ({
    ...putImage(sink, { label: `${label} ${formatPlatform(platform)}`, platform }),
    platform,
  }));
  return sink.putSmall(
    MEDIA_TYPE.index,
    formatCanonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }),
  );
}

/** An index that lists one image a thousand times, in an index that lists that a thousand times, and so on. */
export function putIndexBomb(sink: SmallSink, levels: number): Descriptor {
  let target = putImage(sink, { label: 'bomb' });
  for (let level = 0; level < levels; level++) {
    const manifests = Array.from({ length: 1000 }, () => ({ ...target, platform: LINUX }));
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests };
    target = sink.putSmall(MEDIA_TYPE.index, formatCanonicalJson(index));
  }
  return target;
}
