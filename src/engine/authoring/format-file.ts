/** Formats build files on disk. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { FormatRequest, FormattedFile } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { formatBuildFile } from '../../format/index.ts';
import { replaceFile } from '../../host/index.ts';
import { findEncodingFaults } from '../../instructions/index.ts';
import { createBuildFileError, readBuildFile } from '../build/index.ts';
import { type EngineCall, inputOf } from '../call.ts';

/** Throws `not-found`, `usage` for a caller without standard input, and `build-file` for a file with errors. */
export async function formatFile({ file, write }: FormatRequest, call: EngineCall): Promise<FormattedFile> {
  if (file.kind === 'stdin') return toFormatted('stdin', await buffer(inputOf(call, 'build file')));
  const { cwd } = call;
  const path = resolve(cwd, file.path);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const found = isFolder ? readBuildFile(path, undefined, cwd) : readBuildFile(cwd, path, cwd);
  const result = toFormatted(found.name, found.bytes);
  if (write && result.before !== result.after) replaceFile(found.path ?? path, result.after);
  return result;
}

function toFormatted(name: string, bytes: Uint8Array): FormattedFile {
  const before = decodeText(name, bytes);
  return { name, before, after: formatText(name, before) };
}

/** `name` is only used in messages. */
function formatText(name: string, text: string): string {
  const formatted = formatBuildFile(text);
  if (formatted.kind === 'faulty') throw createBuildFileError({ name, text }, formatted.diagnostics);
  return formatted.text;
}

/** Rejects bytes that are not valid text, because writing them back would change them. */
function decodeText(name: string, bytes: Uint8Array): string {
  const [fault] = findEncodingFaults(bytes);
  if (fault === undefined) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  throw new MkimageError('build-file', `format \`${name}\`: ${fault.message}; the file is not changed`, {
    hint: fault.hint,
  });
}
