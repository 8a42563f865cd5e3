import { FILE_HEADERS_ONLY, formatPatch, type StructuredPatch, structuredPatch } from 'diff';

/** Most changed lines for a minimal diff, because the time grows with the square of this number. */
const MOST_EDITS = 1000;

export interface DiffOptions {
  readonly before: string;
  readonly after: string;
  /** Lines around a change. */
  readonly context?: number;
}

/** The unified diff of two texts, readable by `patch`; '' if they are equal. */
export function formatDiff(before: string, after: string, names: DiffOptions): string {
  if (before === after) return '';
  const { context = 3 } = names;
  const options = { context, maxEditLength: MOST_EDITS };
  const patch =
    structuredPatch(names.before, names.after, before, after, undefined, undefined, options) ??
    createWholeChange(splitLines(before), splitLines(after), { ...names, context });
  // Like diff(1), omits a count of one.
  return formatPatch(patch, FILE_HEADERS_ONLY).replace(/^@@ .* @@$/gm, (head) => head.replace(/,1(?= )/g, ''));
}

/** One hunk for all lines between the common lines at the beginning and at the end. */
function createWholeChange(
  before: readonly string[],
  after: readonly string[],
  { context, ...names }: Required<DiffOptions>,
): StructuredPatch {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - context);
  const behind = before.slice(before.length - tail, before.length - tail + context);
  const oldLines = before.slice(head, before.length - tail);
  const newLines = after.slice(head, after.length - tail);
  const same = head - from + behind.length;
  const lines = [
    ...before.slice(from, head).flatMap((line) => markLine(' ', line)),
    ...oldLines.flatMap((line) => markLine('-', line)),
    ...newLines.flatMap((line) => markLine('+', line)),
    ...behind.flatMap((line) => markLine(' ', line)),
  ];
  const start = { oldStart: from + 1, newStart: from + 1 };
  const hunk = { ...start, oldLines: oldLines.length + same, newLines: newLines.length + same, lines };
  return {
    oldFileName: names.before,
    newFileName: names.after,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [hunk],
  };
}

/** Lines with their line feeds. */
function splitLines(text: string): readonly string[] {
  return text.split(/(?<=\n)/);
}

function markLine(sign: string, line: string): readonly string[] {
  return line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, '\\ No newline at end of file'];
}
