/** Lines that go. */
import type { TextEdit } from '../../instructions/index.ts';
import type { Finding } from '../../plan/index.ts';
import type { LintFile } from '../lint-file.ts';
import type { Flaw } from './flaw.ts';

/** Removes every empty line of the instruction; not if nothing follows, for then the escape character is what is wrong. */
export function fixEmptyContinuation({ range }: Finding, { file, source }: LintFile) {
  const index = file.instructions.findLastIndex((instruction) => instruction.range.start.offset <= range.start.offset);
  const empty = file.emptyContinuations.filter(({ instruction }) => instruction === index);
  const last = empty.at(-1);
  if (!last || source.text.slice(last.range.end.offset).trim() === '') return undefined;
  const edits = empty.map((line) => lineEdit(line.range.start.offset, line.range.end.offset, source));
  return {
    title: empty.length === 1 ? 'remove the empty line' : 'remove the empty lines',
    edits,
    isSafe: true,
  } as const;
}

/** Only the last of its kind counts, so an earlier one may go. */
export function removeEarlier({ instruction, lintFile: { source } }: Flaw) {
  const { start, end } = instruction.range;
  return {
    title: `remove this \`${instruction.keyword}\``,
    edits: [lineEdit(start.offset - start.column + 1, end.offset, source)],
  };
}

function lineEdit(start: number, end: number, source: LintFile['source']): TextEdit {
  const feed = source.text.indexOf('\n', end);
  return { range: source.range(start, feed < 0 ? source.text.length : feed + 1), text: '' };
}
