import type { BuildResult, OutputSpec } from '../../api/index.ts';
import { checkResultFile, removeResultFile, writeResultFile } from '../../engine/build/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import { createMetadata } from './metadata.ts';

export interface ResultFiles {
  /** Directory that relative paths start from. */
  readonly cwd: string;
  readonly iidfile: string | undefined;
  readonly metadataFile: string | undefined;
}

/** Checks before the build that the result files can be written. Throws `usage`. */
export function checkResultFiles({ iidfile, metadataFile, cwd }: ResultFiles): void {
  for (const file of [iidfile, metadataFile]) if (file !== undefined) checkResultFile(file, cwd);
}

/** Removes the image ID of an earlier build, so that it does not remain after a failed build. */
export function removeStaleId({ iidfile, cwd }: ResultFiles): void {
  if (iidfile !== undefined) removeResultFile(iidfile, cwd);
}

/** Writes `--iidfile` and `--metadata-file`, each of them atomically. Throws `store`. */
export function writeResultFiles(result: BuildResult, files: ResultFiles, env: Terminal['env']): void {
  if (files.iidfile !== undefined) writeResultFile(files.iidfile, files.cwd, result.config);
  if (files.metadataFile !== undefined) writeMetadata(createMetadata(result, env), files);
}

/** Writes `--metadata-file`, if it is set. Throws `store`. */
export function writeMetadata(members: object, { metadataFile, cwd }: ResultFiles): void {
  if (metadataFile !== undefined) writeResultFile(metadataFile, cwd, `${JSON.stringify(members, undefined, 2)}\n`);
}

/** Whether one of the outputs is written to stdout. Then the image ID must not be printed there. */
export function writesToStdout(outputs: readonly OutputSpec[]): boolean {
  return outputs.some((output) => 'dest' in output && output.dest === '-');
}

/** Throws `usage` if an archive would be written to a terminal. */
export function refuseArchiveOnTerminal(outputs: readonly OutputSpec[], stdout: Terminal['stdout']): void {
  if (stdout.isTTY !== true || !writesToStdout(outputs)) return;
  throw new MkimageError('usage', 'write output: standard output is a terminal', {
    hint: 'name a file, e.g. `-o type=oci,dest=app.tar`, or redirect the output',
  });
}
