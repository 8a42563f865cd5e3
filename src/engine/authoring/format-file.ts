/** Formats build files on the disk. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { formatBuildFile } from '../../format/index.ts';
import { replaceFile } from '../../host/index.ts';
import { encodingFaults } from '../../instructions/index.ts';
import { faultyFileError, readBuildFile } from '../build/index.ts';

export interface FormattedFile {
  /** As messages show it. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Puts the new text in the place of the old one. */
  write(): void;
}

/** A file, or a folder with a build file of one of the usual names. Throws `not-found`, and `build-file` for one with errors. */
export function formatFile(operand: string, cwd: string): FormattedFile {
  const path = resolve(cwd, operand);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? readBuildFile(path, undefined, cwd) : readBuildFile(cwd, path, cwd);
  const before = decoded(file.name, file.bytes);
  const after = formatText(file.name, before);
  return { name: file.name, before, after, write: () => replaceFile(file.path ?? path, after) };
}

/** `name` is only for messages. */
export function formatText(name: string, text: string): string {
  const formatted = formatBuildFile(text);
  if (formatted.kind === 'faulty') throw faultyFileError({ name, text }, formatted.diagnostics);
  return formatted.text;
}

/** Bytes that are no text would not come out as they went in. */
export function decoded(name: string, bytes: Uint8Array): string {
  const [fault] = encodingFaults(bytes);
  if (fault === undefined) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  throw new MkimageError('build-file', `format \`${name}\`: ${fault.message}, so it is left as it is`, {
    hint: fault.hint,
  });
}
