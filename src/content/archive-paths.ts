/** What the paths of an archive cost who unpacks or lists it: bounded in all, whatever little input names them. */
import { limitError, limits } from '../limits.ts';
import { resolveLinks } from './resolve.ts';
import type { TreePath } from './tree.ts';
import { joinPath, nameOf, parentOf } from './tree-path.ts';

/** Counts directories that an archive has only by what lies in them: ten bytes can stand for thousands of long paths. */
export class ImpliedPaths {
  #characters = 0;

  /** Throws `limit` when there have been too many. */
  count(path: TreePath): void {
    this.#characters += path.length;
    const most = limits().ARCHIVE_IMPLIED;
    if (this.#characters > most)
      throw limitError(
        'ARCHIVE_IMPLIED',
        `read archive: paths of directories that have no entry take more than ${most} characters`,
      );
  }
}

/**
 * Where directories lead in a root that is being filled, symlinks followed inside it. What was found is remembered, so that an
 * entry costs no more in a deep directory than in others; `forget` when a directory or a symlink was replaced. A path that
 * `resolve` was asked for has to be a directory before anything else is put.
 */
export class DirectoryLinks {
  readonly #linkAt: (path: TreePath) => string | undefined;
  readonly #known = new Map<TreePath, TreePath>();
  #steps = 0;

  /** `linkAt` says where a symlink points; undefined: there is none. */
  constructor(linkAt: (path: TreePath) => string | undefined) {
    this.#linkAt = (path) => {
      this.#countStep();
      return linkAt(path);
    };
  }

  /** Throws `not-found` after 255 links in a row, `limit` when too many steps were made in all. */
  resolve(directory: TreePath): TreePath {
    const unknown: TreePath[] = [];
    let at = directory;
    let resolved = this.#known.get(at);
    while (resolved === undefined && at !== '') {
      this.#countStep();
      unknown.push(at);
      at = parentOf(at);
      resolved = this.#known.get(at);
    }
    let found = resolved ?? '';
    for (let path = unknown.pop(); path !== undefined; path = unknown.pop()) {
      found = this.#stepInto(found, nameOf(path));
      this.#known.set(path, found);
    }
    return found;
  }

  forget(): void {
    this.#known.clear();
  }

  #stepInto(directory: TreePath, name: string): TreePath {
    const here = joinPath(directory, name);
    return this.#linkAt(here) === undefined ? here : resolveLinks(this.#linkAt, name, { from: directory });
  }

  #countStep(): void {
    this.#steps++;
    const most = limits().ARCHIVE_STEPS;
    if (this.#steps > most)
      throw limitError('ARCHIVE_STEPS', `read archive: its paths and symlinks take more than ${most} steps to follow`);
  }
}
