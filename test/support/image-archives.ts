import { gzipSync } from 'node:zlib';
import { type Descriptor, digestOf, encodedOf, formatCanonicalJson, MEDIA_TYPE } from '../../src/oci/index.ts';
import type { SmallSink } from './images.ts';
import type { TarItem } from './tar-file.ts';

/** Blobs in memory that become the entries of an OCI archive. */
export class BlobItems implements SmallSink {
  readonly #blobs = new Map<string, Buffer>();

  putSmall(mediaType: string, content: Uint8Array | string): Descriptor {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** `blobs/sha256/…`, all but those left out. */
  items(without: readonly string[] = []): readonly TarItem[] {
    return [...this.#blobs]
      .filter(([digest]) => !without.includes(digest))
      .map(([digest, bytes]) => ({ path: `blobs/sha256/${encodedOf(digest as never)}`, bytes }));
  }

  bytesOf(digest: string): Buffer {
    return this.#blobs.get(digest)!;
  }
}

/** `oci-layout` and an `index.json` with these entries. */
export function layoutItems(entries: readonly Descriptor[]): readonly TarItem[] {
  return [
    { path: 'oci-layout', bytes: '{"imageLayoutVersion":"1.0.0"}' },
    {
      path: 'index.json',
      bytes: JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: entries }),
    },
  ];
}

export function annotated(target: Descriptor, annotations: Readonly<Record<string, string>>): Descriptor {
  return { ...target, annotations };
}

export interface DockerArchiveShape {
  readonly tags: readonly string[] | null;
  readonly layers: readonly Buffer[];
  /** How layers lie in the archive; their diffIds are of the plain bytes. */
  readonly gzip?: boolean;
  /** In place of what would be right. */
  readonly diffIds?: readonly string[];
}

/** What `docker save` before version 25 writes: config at the top, `<id>/layer.tar`, `manifest.json` at the end. */
export function dockerItems(shape: DockerArchiveShape): { readonly items: readonly TarItem[]; readonly id: string } {
  const config = formatCanonicalJson({
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: shape.diffIds ?? shape.layers.map((layer) => digestOf(layer)) },
  });
  const id = digestOf(config);
  const paths = shape.layers.map((_, i) => `${'0'.repeat(63)}${i}/layer.tar`);
  const manifest = [{ Config: `${encodedOf(id)}.json`, RepoTags: shape.tags, Layers: paths }];
  return {
    id,
    items: [
      { path: `${encodedOf(id)}.json`, bytes: config },
      ...shape.layers.map((layer, i) => ({ path: paths[i]!, bytes: shape.gzip ? gzipSync(layer) : layer })),
      { path: 'manifest.json', bytes: JSON.stringify(manifest) },
    ],
  };
}
