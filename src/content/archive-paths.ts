/** Limits the work and memory that the paths of an archive can cause: a small archive can name very many long paths. */
import { createLimitError, getLimits } from '../limits.ts';
import { resolveLinks } from './resolve.ts';
import type { TreePath } from './tree.ts';
import { joinPath, nameOf, parentOf } from './tree-path.ts';

/** Counts directories without an entry of their own, which only exist as parents: ten bytes can stand for thousands of long paths. */
export class ImpliedPaths {
  #characters = 0;

  /** Throws `limit` if all counted paths together are too long. */
  count(path: TreePath): void {
    this.#characters += path.length;
    const most = getLimits().ARCHIVE_IMPLIED;
    if (this.#characters > most)
      throw createLimitError(
        'ARCHIVE_IMPLIED',
        `read archive: paths of directories that have no entry take more than ${most} characters`,
      );
  }
}

/**
 * Resolves directory paths in a root that is being filled, and follows symlinks inside it. Results are cached, so an entry in a
 * deep directory costs no more than others. Call `forget` after a directory or a symlink is replaced. The caller must create the
 * directory that `resolve` returns before it adds anything else.
 */
export class DirectoryLinks {
  readonly #readLink: (path: TreePath) => string | undefined;
  readonly #known = new Map<TreePath, TreePath>();
  #steps = 0;

  /** `linkAt` returns the target of the symlink at a path, or undefined if there is no symlink. */
  constructor(linkAt: (path: TreePath) => string | undefined) {
    this.#readLink = (path) => {
      this.#countStep();
      return linkAt(path);
    };
  }

  /** Throws `not-found` after 255 links in a row, `limit` if all calls together take too many steps. */
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
    return this.#readLink(here) === undefined ? here : resolveLinks(this.#readLink, name, { from: directory });
  }

  #countStep(): void {
    this.#steps++;
    const most = getLimits().ARCHIVE_STEPS;
    if (this.#steps > most)
      throw createLimitError(
        'ARCHIVE_STEPS',
        `read archive: its paths and symlinks take more than ${most} steps to follow`,
      );
  }
}
