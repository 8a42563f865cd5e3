import type { BuildResult, OutputSpec } from '../../api/index.ts';
import { checkResultFile, removeResultFile, writeResultFile } from '../../engine/build/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import { createMetadata, findDescriptor } from './metadata.ts';

export interface ResultFiles {
  /** Directory that relative paths start from. */
  readonly cwd: string;
  readonly iidfile: string | undefined;
  readonly metadataFile: string | undefined;
  /** For the digest of the manifest or index, as in kaniko. */
  readonly digestFile?: string | undefined;
}

/** Checks before the build that the result files can be written. Throws `usage`. */
export function checkResultFiles({ iidfile, metadataFile, digestFile, cwd }: ResultFiles): void {
  for (const file of [iidfile, metadataFile, digestFile]) if (file !== undefined) checkResultFile(file, cwd);
}

/** Removes image ID and digest of an earlier build, so that they do not remain after a failed build. */
export function removeStaleId({ iidfile, digestFile, cwd }: ResultFiles): void {
  for (const file of [iidfile, digestFile]) if (file !== undefined) removeResultFile(file, cwd);
}

/** Writes `--iidfile`, `--digest-file` and `--metadata-file`, each of them atomically. Throws `store`. */
export function writeResultFiles(result: BuildResult, files: ResultFiles, env: Terminal['env']): void {
  if (files.iidfile !== undefined) writeResultFile(files.iidfile, files.cwd, result.id);
  if (files.digestFile !== undefined) writeResultFile(files.digestFile, files.cwd, findDescriptor(result).digest);
  if (files.metadataFile !== undefined) writeMetadata(createMetadata(result, env), files);
}

/** Writes `--metadata-file`, if it is set. Throws `store`. */
export function writeMetadata(members: object, { metadataFile, cwd }: Pick<ResultFiles, 'metadataFile' | 'cwd'>): void {
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
