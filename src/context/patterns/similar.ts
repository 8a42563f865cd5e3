import { type Dirent, readdir } from 'node:fs';
import { posix } from 'node:path';
import fastGlob from 'fast-glob';
import { nearestPaths } from './nearest-paths.ts';
import type { PathMatcher } from './path-matcher.ts';

/**
 * The paths of a directory that are similar to a missing one. It runs only when a build fails, so the slower fast-glob is
 * acceptable. Ignored directories are not opened.
 */
export async function similarPaths(
  root: string,
  matcher: PathMatcher | undefined,
  missing: string,
): Promise<readonly string[]> {
  return nearestPaths(visiblePaths(root, matcher), missing);
}

async function* visiblePaths(root: string, matcher: PathMatcher | undefined): AsyncGenerator<string> {
  const fs = matcher === undefined ? undefined : { readdir: readdirUnignored(root, matcher) as typeof readdir };
  const stream = fastGlob.stream('**', {
    cwd: root,
    dot: true,
    onlyFiles: false,
    followSymbolicLinks: false,
    suppressErrors: true,
    ...(fs === undefined ? {} : { fs }),
  });
  for await (const path of stream) yield String(path);
}

type Listed = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void;

/** `fs.readdir` without ignored entries, so that the walk does not enter them. */
function readdirUnignored(root: string, matcher: PathMatcher) {
  return (directory: string, options: { withFileTypes: true }, done: Listed): void => {
    readdir(directory, options, (error, entries) => {
      const below = posix.relative(root, directory);
      const state = below === '' ? matcher.start : matcher.find(below);
      done(
        error,
        (entries ?? []).filter((entry) =>
          isVisible(matcher, { path: posix.join(below, entry.name), directory: entry.isDirectory() }, state),
        ),
      );
    });
  };
}

interface WalkedEntry {
  readonly path: string;
  readonly directory: boolean;
}

function isVisible(matcher: PathMatcher, { path, directory }: WalkedEntry, parent: typeof matcher.start): boolean {
  return matcher.decide(path, parent) < 0 || (directory && matcher.canExceptBelow(path));
}
