import { gzipSync } from 'node:zlib';
import { createMemoryContent } from '../../src/content/index.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import { type TarHeader, TarWriter } from '../../src/tar/index.ts';

export type Sample = Partial<TarHeader> & { readonly path: string; readonly content?: string | Buffer };

/** The entry that a sample means: a directory if its path ends in a slash, else a file of 0644. */
function headerOf({ content = '', ...given }: Sample): TarHeader {
  const type = given.type ?? (given.path.endsWith('/') ? 'directory' : 'file');
  const mode = type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644;
  return {
    mode,
    uid: 0,
    gid: 0,
    mtime: 1_000_000_000,
    ...given,
    type,
    size: type === 'file' ? Buffer.byteLength(content) : 0,
  };
}

/** A tar of exactly these entries, however odd. */
export function tarOf(samples: readonly Sample[]): Buffer {
  const pieces: Buffer[] = [];
  const writer = new TarWriter((bytes) => pieces.push(Buffer.from(bytes)));
  for (const sample of samples) {
    const header = headerOf(sample);
    writer.entry(header);
    if (header.type === 'file') writer.data(Buffer.from(sample.content ?? ''));
  }
  writer.finish();
  return Buffer.concat(pieces);
}

export const file = (path: string, content = '', more: Partial<TarHeader> = {}): Sample => ({ path, content, ...more });
export const symlink = (path: string, linkname: string): Sample => ({ path, type: 'symlink', linkname });
export const hardlink = (path: string, linkname: string): Sample => ({ path, type: 'hardlink', linkname });
export const device = (path: string, major: number, minor: number): Sample => ({
  path,
  type: 'char',
  device: { major, minor },
});

/** Blobs in memory with what a catalog wants of a store. */
export function memoryStore() {
  const content = createMemoryContent();
  return {
    ...content,
    blobPath: (digest: string) => `/nonexistent/${digest}`,
    formsOf: () => [],
    /** Puts a layer in as it is, uncompressed. */
    layer(samples: readonly Sample[]): Layer {
      const blob = content.add(MEDIA_TYPE.layer, tarOf(samples));
      return { diffId: blob.digest, blob };
    },
    /** Puts a layer in compressed, so that its files have to be got at first. */
    gzipLayer(samples: readonly Sample[]): Layer {
      const tar = tarOf(samples);
      return { diffId: digestOf(tar), blob: content.add(MEDIA_TYPE.layerGzip, gzipSync(tar)) };
    },
  };
}
