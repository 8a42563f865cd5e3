import { ErrorCodes, ResponseError, type TextEdit } from 'vscode-languageserver';
import { formatBuildFile } from '../../format/index.ts';
import type { OpenFile } from './open-file.ts';

/** Creates one edit for the changed lines only, so that the cursor does not move. Throws if the file has errors. */
export function createFormatEdits({ text }: OpenFile): TextEdit[] {
  const before = text.getText();
  const formatted = formatBuildFile(before);
  if (formatted.kind === 'faulty') {
    throw new ResponseError(ErrorCodes.InvalidRequest, 'format build file: the file has errors and was not changed');
  }
  const after = formatted.text;
  if (after === before) return [];
  const start = findLineStart(before, findSharedLength(before, after));
  const most = Math.min(before.length, after.length) - start;
  let end = 0;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  // The protocol has no position between a carriage return and its line feed.
  if (before[before.length - end - 1] === '\r' && before[before.length - end] === '\n') end -= 1;
  const range = { start: text.positionAt(start), end: text.positionAt(before.length - end) };
  return [{ range, newText: after.slice(start, after.length - end) }];
}

function findSharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function findLineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}
