import type { PathRequest, PathStat, PutArchiveRequest } from '../../../api/index.ts';
import {
  baseOf,
  type ContainerFolder,
  extractTar,
  findContainer,
  packTree,
  type RootView,
  readOwner,
  statPath,
  tellContainer,
  withRoot,
} from '../../../container/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';
import { readPlainTar } from './plain-tar.ts';

/** Describes an object in a container, running or not. Throws `not-found`. */
export async function statArchive(services: Services, { container, path }: PathRequest, call: Call): Promise<PathStat> {
  const home = await openContainers(services);
  return withRoot({ home, folder: findContainer(home, container) }, async (view) => statPath(view, path), call);
}

export interface ArchiveReader {
  readonly stat: PathStat;
  /** A tar whose first entry is the last component of the path. Must be read to its end, or be returned. */
  readonly tar: AsyncIterable<Buffer>;
}

/**
 * Gives an object of a container, and everything below it, as a tar to `use`. Symlinks in the path are followed inside the container;
 * one at its end is not, unless the path ends with a slash. Throws `not-found`.
 */
export async function getArchive<T>(
  services: Services,
  { use, container, path }: PathRequest & { readonly use: (reader: ArchiveReader) => Promise<T> },
  call: Call,
): Promise<T> {
  const home = await openContainers(services);
  const folder = findContainer(home, container);
  const result = await withRoot(
    { home, folder },
    async (view) => {
      const stat = statPath(view, path);
      using place = view.find(path, { follow: false });
      return await use({ stat, tar: packTree(place, baseOf(path), { signal: call.signal }) });
    },
    call,
  );
  tellContainer(home, folder.record(), 'archive-path');
  return result;
}

/** Unpacks a tar, plain or compressed, into an existing directory of a container. Throws `not-found`, `usage`, `invalid-archive`, `in-use` for a read-only place. */
export async function putArchive(
  services: Services,
  { tar, ...request }: PutArchiveRequest & { readonly tar: AsyncIterable<Uint8Array> },
  call: Call,
): Promise<void> {
  const home = await openContainers(services);
  const folder = findContainer(home, request.container);
  await withRoot({ home, folder }, (view) => extractInto({ view, folder, request }, readPlainTar(tar), call), call);
  tellContainer(home, folder.record(), 'extract-to-dir');
}

export interface Target {
  readonly view: RootView;
  readonly folder: ContainerFolder;
  readonly request: Omit<PutArchiveRequest, 'container'>;
}

export async function extractInto(
  { view, folder, request }: Target,
  tar: AsyncIterable<Uint8Array>,
  { signal }: Call,
): Promise<void> {
  const { path, keepsKinds, ownedByUser } = request;
  const owner = ownedByUser ? await readOwner(view, folder.record()) : undefined;
  try {
    await extractTar(view, tar, { target: path, keepsKinds, owner, signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EROFS') throw error;
    const isVolume = folder.record().mounts.some(({ Destination }) => `${path}/`.startsWith(`${Destination}/`));
    throw new MkimageError(
      'in-use',
      isVolume ? 'mounted volume is marked read-only' : 'container rootfs is marked read-only',
      { cause: error },
    );
  }
}
