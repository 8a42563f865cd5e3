/** The difference between two texts, line by line, in the form that `patch` reads. */
export interface DiffOptions {
  readonly before: string;
  readonly after: string;
  /** Lines around a change. */
  readonly context?: number;
}

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** '' if the texts are equal; otherwise with headers, ending in a line feed. */
export function unifiedDiff(before: string, after: string, names: DiffOptions): string {
  if (before === after) return '';
  const context = names.context ?? 3;
  const script = editScript(linesOf(before), linesOf(after));
  const hunks = hunksOf(script, context).map(([from, to]) => hunkText(script, from, to));
  return `--- ${names.before}\n+++ ${names.after}\n${hunks.join('')}`;
}

/** Each with its line feed, if it has one. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** The shortest way from one to the other (Myers, 1986): how far one gets on each diagonal with ever more edits. */
function editScript(before: readonly string[], after: readonly string[]): readonly Line[] {
  const trace: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let edits = 0; ; edits += 1) {
    trace.push(reached);
    reached = new Map(reached);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = isDown(reached, diagonal, edits) ? reached.get(diagonal + 1)! : reached.get(diagonal - 1)! + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(trace, before, after);
    }
  }
}

function isDown(reached: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && reached.get(diagonal - 1)! < reached.get(diagonal + 1)!;
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly Line[] {
  const lines: Line[] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const diagonal = x - y;
    const down = isDown(trace[edits]!, diagonal, edits);
    const from = down ? diagonal + 1 : diagonal - 1;
    const start = trace[edits]!.get(from)!;
    const turn = edits === 0 ? 0 : down ? start : start + 1;
    for (; x > turn; x -= 1, y -= 1) lines.push({ sign: ' ', text: before[x - 1]! });
    if (edits === 0) break;
    if (down) lines.push({ sign: '+', text: after[--y]! });
    else lines.push({ sign: '-', text: before[--x]! });
  }
  return lines.reverse();
}

/** Ranges of the script: changes with lines around them; those that touch are one. */
function hunksOf(script: readonly Line[], context: number): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = [];
  for (const [index, { sign }] of script.entries()) {
    if (sign === ' ') continue;
    const [from, to] = [Math.max(0, index - context), Math.min(script.length, index + context + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

function hunkText(script: readonly Line[], from: number, to: number): string {
  const lines = script.slice(from, to);
  const place = (other: '-' | '+') => {
    const isSide = ({ sign }: Line) => sign !== other;
    const [first, count] = [script.slice(0, from).filter(isSide).length, lines.filter(isSide).length];
    return count === 1 ? `${first + 1}` : `${count === 0 ? first : first + 1},${count}`;
  };
  return `@@ -${place('+')} +${place('-')} @@\n${lines.map(lineText).join('')}`;
}

function lineText({ sign, text }: Line): string {
  return sign + (text.endsWith('\n') ? text : `${text}\n\\ No newline at end of file\n`);
}
