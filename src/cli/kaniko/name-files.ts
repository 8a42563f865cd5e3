/** The files with names and digests that kaniko's executor writes. */
import type { BuildResult } from '../../api/index.ts';
import { checkResultFile, removeResultFile, writeResultFile } from '../../engine/build/index.ts';
import { formatReference, parseReference } from '../../oci/index.ts';
import { findDescriptor } from '../build-flags/metadata.ts';
import type { KanikoFlags } from './request.ts';

interface NameFile {
  readonly path: string;
  readonly withTag: boolean;
}

/** Checks that the files can be written, and removes those of an earlier build. Throws `usage`. */
export function prepareNameFiles(flags: KanikoFlags, cwd: string): void {
  for (const { path } of listNameFiles(flags)) {
    checkResultFile(path, cwd);
    removeResultFile(path, cwd);
  }
}

/** One line for each destination. Throws `store`. */
export function writeNameFiles(flags: KanikoFlags, cwd: string, result: BuildResult): void {
  const { digest } = findDescriptor(result);
  for (const { path, withTag } of listNameFiles(flags)) {
    const lines = flags.destination.map((name) => {
      const { registry, repository, tag = 'latest' } = parseReference(name);
      return `${formatReference({ registry, repository, ...(withTag && { tag }), digest })}\n`;
    });
    writeResultFile(path, cwd, lines.join(''));
  }
}

function listNameFiles(flags: KanikoFlags): readonly NameFile[] {
  const bare = flags['image-name-with-digest-file'];
  const tagged = flags['image-name-tag-with-digest-file'];
  return [...(bare ? [{ path: bare, withTag: false }] : []), ...(tagged ? [{ path: tagged, withTag: true }] : [])];
}
