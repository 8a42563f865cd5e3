import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { OutputSpec } from '../api/index.ts';
import { resolveRealPath } from '../host/index.ts';
import { outputFault } from './output-fault.ts';

/** Checks before a build that an output can be written, so that a wrong `-o` fails at once. Throws `usage`. */
export function checkDestination(output: OutputSpec): void {
  if (!('dest' in output) || output.dest === '-') return;
  try {
    const path = resolveRealPath(output.dest);
    if (isFolder(output)) checkFolder(path);
    else checkFile(path);
  } catch (error) {
    throw outputFault(output.dest, error);
  }
}

function isFolder(output: OutputSpec): boolean {
  return output.type === 'local' || ('tar' in output && !output.tar);
}

/**
 * A file is written elsewhere and renamed, so its directory must be writable. A device or a pipe is written directly.
 */
function checkFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw withCode('EISDIR');
  const isPlain = stats === undefined || stats.isFile();
  accessSync(isPlain ? dirname(path) : path, constants.W_OK);
}

/** Missing directories are created, so the nearest existing one must be writable. */
function checkFolder(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) checkFolder(dirname(path));
  else if (!stats.isDirectory()) throw withCode('EEXIST');
  else accessSync(path, constants.W_OK);
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
