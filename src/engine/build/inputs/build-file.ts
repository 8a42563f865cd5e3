/** Finds and reads the build file and its ignore file. */
import { existsSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { BuildRequest } from '../../../api/index.ts';
import { resolveInTree } from '../../../content/index.ts';
import type { BuildContext } from '../../../context/index.ts';
import { MkimageError } from '../../../errors.ts';
import { kindOf, readExactFile, readRegularFile } from '../../../host/index.ts';
import { readContent } from '../../../layer/index.ts';
import type { Call } from '../../../progress.ts';
import { textOfBytes } from '../../../tar/index.ts';
import { MOST_TEXT } from '../../bounds.ts';

export const BUILD_FILE_NAMES = ['Imagefile', 'Dockerfile', 'Containerfile', 'dockerfile'] as const;

const POLICY = '.rego';

export interface BuildFileText {
  /** The name in messages: relative to the working directory if that is shorter. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Absolute path, or undefined for standard input. */
  readonly path: string | undefined;
  /** The name of a source policy beside the build file, `Dockerfile.rego`. */
  readonly policy?: string;
}

export interface IgnoreFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads `-f` (relative to the working directory), otherwise the first usual name in the context. A link that the user
 * names is followed anywhere. A link that was only found is followed only inside the context, because it may come from
 * another person and errors show lines of the file. Throws `usage`.
 */
export function readBuildFile(context: string, file: string | undefined, workingDirectory: string): BuildFileText {
  const path = file === undefined ? requireDefaultFile(context) : findGivenFile(context, file, workingDirectory);
  const name = shortenPath(path, workingDirectory);
  const hasPolicy = lstatSync(`${path}${POLICY}`, { throwIfNoEntry: false }) !== undefined;
  const bytes =
    file === undefined ? readInside(path, [context], 'if this file is meant, name it with `-f`') : readFile(path);
  return { name, bytes, path, ...(hasPolicy && { policy: `${name}${POLICY}` }) };
}

/** Reads the build file in a context that is a tar or a repository. */
export async function readBuildFileIn(
  context: BuildContext,
  file: string | undefined,
  call: Call,
): Promise<Omit<BuildFileText, 'path'>> {
  const tree = await context.scan([''], call);
  const names = file === undefined ? BUILD_FILE_NAMES : [file];
  for (const name of names) {
    const path = resolveInTree(tree, name);
    const entry = tree.stat(path);
    if (entry?.type !== 'file') continue;
    const bytes = readContent(entry, await tree.locate(path));
    return { name, bytes, ...(tree.stat(`${path}${POLICY}`) && { policy: `${name}${POLICY}` }) };
  }
  throw new MkimageError('usage', `no build file in \`${context.name}\``, {
    hint: file === undefined ? 'name it with -f' : `\`${file}\` not found`,
  });
}

/**
 * Finds the build file whose ignore file applies, as `readBuildFile` does, but a missing build file is not an error.
 */
export function findBuildFile(
  context: string,
  file: BuildRequest['file'],
  workingDirectory: string,
): string | undefined {
  if (file === undefined) return findUsualFile(context);
  return file.kind === 'path' ? findGivenFile(context, file.path, workingDirectory) : undefined;
}

function findUsualFile(context: string): string | undefined {
  return BUILD_FILE_NAMES.map((name) => join(context, name)).find(isFile);
}

function requireDefaultFile(context: string): string {
  const found = findUsualFile(context);
  if (found) return found;
  checkDirectory(context);
  throw new MkimageError('usage', `no build file in \`${context}\``, {
    hint: `name it ${BUILD_FILE_NAMES.slice(0, 3).join(', ')}, or use -f`,
  });
}

function findGivenFile(context: string, file: string, workingDirectory: string): string {
  const path = resolve(workingDirectory, file);
  if (isFile(path)) return path;
  const inContext = join(context, file);
  if (!isAbsolute(file) && isFile(inContext)) return inContext;
  const stats = statOf(path);
  if (stats !== undefined) {
    throw new MkimageError('usage', `read build file \`${file}\`: it is ${kindOf(stats)}, not a file`, {
      hint: 'with `-f -` the build file comes from standard input',
    });
  }
  throw new MkimageError('usage', `read build file \`${file}\`: no such file`, {
    hint: '-f is relative to the working directory, not to the context',
  });
}

/** Throws `usage` if the context is not a directory. */
function checkDirectory(context: string): void {
  if (isDirectory(context)) return;
  if (!existsSync(context)) throw new MkimageError('usage', `open context \`${context}\`: no such directory`);
  throw new MkimageError('usage', `open context \`${context}\`: not a directory`, {
    hint: 'give the directory as context, and the build file with `-f`',
  });
}

/** Reads the ignore file of a named context: the one at its root, whatever the name of the build file is. */
export function readNamedIgnoreFile(context: string): IgnoreFile | undefined {
  return readIgnoreFile(context, undefined);
}

/**
 * Reads `<build file>.dockerignore`, otherwise `.dockerignore`, otherwise `.containerignore` at the root of the
 * context. Links are followed inside the context and the folder of the build file. Throws `usage`.
 */
export function readIgnoreFile(context: string, buildFile: string | undefined): IgnoreFile | undefined {
  const own = buildFile === undefined ? [] : [`${buildFile}.dockerignore`];
  const path = [...own, join(context, '.dockerignore'), join(context, '.containerignore')].find(isOtherThanDirectory);
  if (path === undefined) return undefined;
  const roots = [context, ...own.map((file) => dirname(file))];
  const bytes = readInside(path, roots, 'replace the link by the file itself');
  return { name: shortenPath(path, context), text: textOfBytes(bytes) };
}

/** Reads a file whose real path is below one of the folders. */
function readInside(path: string, roots: readonly string[], hint: string): Uint8Array {
  return wrapReadErrors(path, () => {
    const real = realpathSync.native(path);
    const isInside = roots.some((root) => real.startsWith(`${realpathSync.native(root)}${sep}`.replace('//', '/')));
    if (isInside) return readExactFile(real, MOST_TEXT);
    throw new MkimageError('usage', `read \`${path}\`: the link leads out of the context`, { hint });
  });
}

function readFile(path: string): Uint8Array {
  return wrapReadErrors(path, () => readRegularFile(path, MOST_TEXT));
}

function wrapReadErrors(path: string, read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof MkimageError) throw cause;
    const isRefused = (cause as NodeJS.ErrnoException).code === 'EACCES';
    const why = isRefused ? 'permission denied' : (cause as Error).message;
    throw new MkimageError('usage', `read \`${path}\`: ${why}`, isRefused ? {} : { cause });
  }
}

/**
 * A pipe or a device instead of an ignore file is an error: without the rules the image would contain too many files.
 */
function isOtherThanDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === false;
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false;
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Returns undefined if the path cannot be read. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function shortenPath(path: string, from: string): string {
  const short = relative(from, path);
  return short.length < path.length && !short.startsWith('..') ? short : path;
}
