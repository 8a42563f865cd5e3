/** Fixes that remove lines. */
import type { TextEdit } from '../../instructions/index.ts';
import type { Finding } from '../../plan/index.ts';
import type { LintFile } from '../lint-file.ts';
import type { FixContext } from './fix-context.ts';

/** Removes every empty line of the instruction. No fix if nothing follows: then the mistake is the escape character. */
export function fixEmptyContinuation({ range }: Finding, { file, source }: LintFile) {
  const index = file.instructions.findLastIndex((instruction) => instruction.range.start.offset <= range.start.offset);
  const empty = file.emptyContinuations.filter(({ instruction }) => instruction === index);
  const last = empty.at(-1);
  if (!last || source.text.slice(last.range.end.offset).trim() === '') return undefined;
  const edits = empty.map((line) => createLineEdit(line.range.start.offset, line.range.end.offset, source));
  return {
    title: empty.length === 1 ? 'remove the empty line' : 'remove the empty lines',
    edits,
    isSafe: true,
  } as const;
}

/** Removes the instruction. Only the last one of its kind has an effect, so an earlier one is not needed. */
export function removeEarlier({ instruction, lintFile: { source } }: FixContext) {
  const { start, end } = instruction.range;
  return {
    title: `remove this \`${instruction.keyword}\``,
    edits: [createLineEdit(start.offset - start.column + 1, end.offset, source)],
  };
}

function createLineEdit(start: number, end: number, source: LintFile['source']): TextEdit {
  const feed = source.text.indexOf('\n', end);
  return { range: source.toRange(start, feed < 0 ? source.text.length : feed + 1), text: '' };
}
