import type { BuildResult, OutputSpec } from '../../api/index.ts';
import { checkResultFile, removeResultFile, writeResultFile } from '../../engine/build/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import { metadataOf } from './metadata.ts';

export interface ResultFiles {
  /** Where the paths begin. */
  readonly cwd: string;
  readonly iidfile: string | undefined;
  readonly metadataFile: string | undefined;
}

/** Refuses files that could not be written when all is built. Throws `usage`. */
export function checkResultFiles({ iidfile, metadataFile, cwd }: ResultFiles): void {
  for (const file of [iidfile, metadataFile]) if (file !== undefined) checkResultFile(file, cwd);
}

/** Takes an image ID of an earlier build away, so that a failed build leaves none behind. */
export function removeStaleId({ iidfile, cwd }: ResultFiles): void {
  if (iidfile !== undefined) removeResultFile(iidfile, cwd);
}

/** Writes `--iidfile` and `--metadata-file`, each whole or not at all. Throws `store`. */
export function writeResultFiles(result: BuildResult, files: ResultFiles, env: Terminal['env']): void {
  if (files.iidfile !== undefined) writeResultFile(files.iidfile, files.cwd, result.config);
  if (files.metadataFile !== undefined) writeMetadata(metadataOf(result, env), files);
}

/** Writes `--metadata-file`, if one is named. Throws `store`. */
export function writeMetadata(members: object, { metadataFile, cwd }: ResultFiles): void {
  if (metadataFile !== undefined) writeResultFile(metadataFile, cwd, `${JSON.stringify(members, undefined, 2)}\n`);
}

/** Whether one of the outputs takes stdout, so that the image ID must not be mixed into it. */
export function takesStdout(outputs: readonly OutputSpec[]): boolean {
  return outputs.some((output) => 'dest' in output && output.dest === '-');
}

/** Throws `usage` rather than fill a terminal with an archive. */
export function refuseArchiveOnTerminal(outputs: readonly OutputSpec[], stdout: Terminal['stdout']): void {
  if (stdout.isTTY !== true || !takesStdout(outputs)) return;
  throw new MkimageError('usage', 'write output: standard output is a terminal', {
    hint: 'name a file, e.g. `-o type=oci,dest=app.tar`, or redirect the output',
  });
}
