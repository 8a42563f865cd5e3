import type { CopyPlace, CopyRequest, CopyResult } from '../../../api/index.ts';
import {
  baseOf,
  type ContainerHome,
  extractTar,
  findContainer,
  type Place,
  packTree,
  RootView,
  tellContainer,
  withRoot,
} from '../../../container/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';
import { extractInto } from './archive.ts';

/**
 * Copies between a container and this machine, by Docker's rules: into an existing directory, to a new name, or (with `/.` at the end of the
 * source) the content of a directory. Throws `not-found`, `usage`.
 */
export async function copyFiles(services: Services, request: CopyRequest, call: Call): Promise<CopyResult> {
  const home = await openContainers(services);
  const { from, to } = request;
  return inRoot({ home, place: from, call }, (source) =>
    inRoot({ home, place: to, call }, (target) => copy({ home, request, source, target, call })),
  );
}

interface CopyEnd {
  readonly home: ContainerHome;
  readonly place: CopyPlace;
  readonly call: Call;
}

async function inRoot<T>(
  { home, place: { container }, call }: CopyEnd,
  work: (view: RootView) => Promise<T>,
): Promise<T> {
  if (container !== undefined) return withRoot({ home, folder: findContainer(home, container) }, work, call);
  using view = new RootView('/');
  return await work(view);
}

interface Copying {
  readonly home: ContainerHome;
  readonly request: CopyRequest;
  readonly source: RootView;
  readonly target: RootView;
  readonly call: Call;
}

async function copy({ home, request, source, target, call }: Copying): Promise<CopyResult> {
  const { from, to, followLink, archive } = request;
  using object = source.find(from.path, { follow: followLink });
  if (object.stats === undefined) throw notFound(from);
  const { folder: path, name } = planTarget(target, to, { object, base: baseOf(from.path) });
  let bytes = 0;
  const count = async function* () {
    for await (const chunk of packTree(object, name, { signal: call.signal })) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  if (to.container === undefined) {
    await extractTar(target, count(), {
      target: path,
      keepsKinds: true,
      owner: archive ? undefined : 'none',
      signal: call.signal,
    });
    tellContainer(home, findContainer(home, from.container ?? '').record(), 'archive-path');
  } else {
    const folder = findContainer(home, to.container);
    await extractInto(
      { view: target, folder, request: { path, keepsKinds: true, ownedByUser: archive } },
      count(),
      call,
    );
    tellContainer(home, folder.record(), 'extract-to-dir');
  }
  return { bytes };
}

interface Source {
  readonly object: Place;
  /** `.` for the content of a directory. */
  readonly base: string;
}

/** The directory to unpack in, and the name of the first entry there. */
function planTarget(target: RootView, to: CopyPlace, { object, base }: Source): { folder: string; name: string } {
  const isFolder = object.stats?.isDirectory() === true;
  const asksFolder = to.path.endsWith('/') || to.path.endsWith('/.');
  using place = target.find(to.path, { follow: true });
  if (place.stats?.isDirectory() === true) return { folder: place.path, name: base === '/' ? '.' : base };
  if (place.stats !== undefined && isFolder) throw new MkimageError('usage', 'cannot copy directory');
  if (asksFolder) {
    if (place.stats !== undefined) throw new MkimageError('usage', 'not a directory');
    if (!isFolder) throw new MkimageError('not-found', 'no such directory');
  }
  return { folder: place.path.slice(0, place.path.lastIndexOf('/')) || '/', name: place.name };
}

function notFound({ container, path }: CopyPlace): MkimageError {
  return container === undefined
    ? new MkimageError('not-found', `lstat ${path}: no such file or directory`)
    : new MkimageError('not-found', `Could not find the file ${path} in container ${container}`);
}
