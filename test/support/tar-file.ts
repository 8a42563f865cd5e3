import { TarWriter } from '../../src/tar/index.ts';

/** What a test puts into a tar. */
export type TarItem =
  | { readonly path: string; readonly bytes: Uint8Array | string }
  | { readonly path: string; readonly symlink: string }
  | { readonly path: string; readonly hardlink: string }
  | { readonly path: string; readonly directory: true };

/** A tar of these entries in this order, as they are: nothing is checked or cleaned. */
export function tarOf(items: readonly TarItem[]): Buffer {
  const pieces: Buffer[] = [];
  const tar = new TarWriter((bytes) => pieces.push(Buffer.from(bytes)));
  for (const item of items) write(tar, item);
  tar.finish();
  return Buffer.concat(pieces);
}

function write(tar: TarWriter, item: TarItem): void {
  const common = { path: item.path, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };
  if ('symlink' in item) tar.entry({ ...common, type: 'symlink', linkname: item.symlink });
  else if ('hardlink' in item) tar.entry({ ...common, type: 'hardlink', linkname: item.hardlink });
  else if ('directory' in item) tar.entry({ ...common, type: 'directory' });
  else {
    const bytes = Buffer.from(item.bytes);
    tar.entry({ ...common, type: 'file', size: bytes.length });
    tar.data(bytes);
  }
}
