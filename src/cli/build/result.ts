import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BuildResult } from '../../engine/build-request.ts';
import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import { metadataOf } from './metadata.ts';

export interface ResultFiles {
  readonly iidfile: string | undefined;
  readonly metadataFile: string | undefined;
}

/** Refuses files that could not be written when all is built. Throws `usage`. */
export function checkResultFiles({ iidfile, metadataFile }: ResultFiles): void {
  for (const file of [iidfile, metadataFile]) if (file !== undefined) checkFolderOf(file);
}

function checkFolderOf(file: string): void {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? `there is no directory \`${folder}\`` : 'permission denied';
    throw new MkimageError('usage', `write \`${file}\`: ${why}`);
  }
}

/** Takes an image ID of an earlier build away, so that a failed build leaves none behind. */
export function removeStaleId(files: ResultFiles): void {
  if (files.iidfile !== undefined) rmSync(files.iidfile, { force: true });
}

/** Writes `--iidfile` and `--metadata-file`, each whole or not at all. Throws `store`. */
export function writeResultFiles(result: BuildResult, files: ResultFiles, env: Terminal['env']): void {
  if (files.iidfile !== undefined) writeWhole(files.iidfile, result.config);
  if (files.metadataFile !== undefined) {
    writeWhole(files.metadataFile, `${JSON.stringify(metadataOf(result, env), undefined, 2)}\n`);
  }
}

function writeWhole(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new MkimageError('store', `write \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}

/** As much of an output as says where it goes. */
interface Destined {
  readonly type: string;
  readonly dest?: string;
}

/** Whether one of the outputs takes stdout, so that the image ID must not be mixed into it. */
export function takesStdout(outputs: readonly Destined[]): boolean {
  return outputs.some(({ dest }) => dest === '-');
}

/** Throws `usage` rather than fill a terminal with an archive. */
export function refuseArchiveOnTerminal(outputs: readonly Destined[], stdout: Terminal['stdout']): void {
  if (stdout.isTTY !== true || !takesStdout(outputs)) return;
  throw new MkimageError('usage', 'write output: standard output is a terminal', {
    hint: 'name a file, e.g. `-o type=oci,dest=app.tar`, or redirect the output',
  });
}
