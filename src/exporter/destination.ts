import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { OutputSpec } from '../api/index.ts';
import { resolveRealPath } from '../host/index.ts';
import { outputFault } from './output-fault.ts';

/** Looks whether an output can be written where it is to go: a slip in `-o` must not cost a build. Throws `usage`. */
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

/** A file is renamed into place, so its directory counts; a device or a pipe is written to as it is. */
function checkFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw withCode('EISDIR');
  const isPlain = stats === undefined || stats.isFile();
  accessSync(isPlain ? dirname(path) : path, constants.W_OK);
}

/** Missing directories are made, so the nearest one that is there counts. */
function checkFolder(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) checkFolder(dirname(path));
  else if (!stats.isDirectory()) throw withCode('EEXIST');
  else accessSync(path, constants.W_OK);
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
