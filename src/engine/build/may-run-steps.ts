import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest } from '../../api/index.ts';
import { findBuildFile } from './inputs/build-file.ts';

/** `RUN` at the start of a line, also after ONBUILD. Text of a heredoc may match too, which only costs a namespace. */
const RUN = /^[ \t]*(?:ONBUILD[ \t]+)?RUN\b/im;

/**
 * Returns false if the build file is a local file without `RUN`. A build file from standard input, an archive, a repository or a web
 * server is read later, and then it is too late to enter a user namespace. So the answer is true.
 */
export function mayRunSteps({ context, file }: Pick<BuildRequest, 'context' | 'file'>, cwd: string): boolean {
  if (context.kind !== 'directory') return true;
  if (file !== undefined && file.kind !== 'path') return true;
  try {
    const path = findBuildFile(resolve(cwd, context.path), file, cwd);
    return path !== undefined && RUN.test(readFileSync(path, 'latin1'));
  } catch {
    return false; // the build reports what is wrong with the file
  }
}
