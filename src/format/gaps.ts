/** Finds the parts of a line that can change without changing the meaning. */
import type { LineToken } from '#grammar';
import { findShellBlanks } from './shell-blanks.ts';

/** A part of the text, possibly empty, that can be any number of blanks or a line break. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** The formatted text, if there is no line break. */
  readonly text: string;
  /** Indentation of a line that begins after the gap: one step, relative to the other lines of the command, or none. */
  readonly indent: 'step' | 'shape' | 'none';
}

/** `keepsCommands`: the shell is not POSIX, so the meaning of blanks is unknown. */
export function findGaps(text: string, tokens: readonly LineToken[], keepsCommands: boolean): readonly Gap[] {
  const commandKeyword = tokens.findLast(({ kind }) => COMMANDS.has(kind));
  const isCommand = ({ kind }: LineToken) => kind === 'Text' && commandKeyword !== undefined;
  return tokens.flatMap((token, index) => {
    const before =
      index === 0 ? [] : findGapBetween(text, { before: tokens[index - 1]!, token, isCommand: isCommand(token) });
    const inside = isCommand(token) && !keepsCommands ? findShellGaps(text, token) : findJsonGaps(text, token);
    return [...before, ...inside];
  });
}

/** Keywords of instructions with a command in shell form. */
const COMMANDS = new Set(['Run', 'Cmd', 'Entrypoint', 'Healthcheck']);

function findGapBetween(
  text: string,
  { before, token, isCommand }: { readonly before: LineToken; readonly token: LineToken; readonly isCommand: boolean },
): readonly Gap[] {
  if (before.to >= token.from || !isBlank(text, before.to, token.from)) return [];
  const indent = isCommand || token.kind === 'HealthType' ? 'shape' : 'step';
  return [{ from: before.to, to: token.from, text: ' ', indent }];
}

/** Separating blanks, and positions after operators. They change only at a line break. */
function findShellGaps(text: string, token: LineToken): readonly Gap[] {
  const { blanks, operatorEnds } = findShellBlanks(text.slice(token.from, token.to));
  const gaps: Gap[] = [];
  for (let at = 0; at < blanks.length; at += 1) {
    const start = at;
    while (blanks[at]) at += 1;
    if (at === start && !operatorEnds.has(at)) continue;
    const [from, to] = [token.from + start, token.from + at];
    gaps.push({ from, to, text: text.slice(from, to), indent: 'shape' });
  }
  return gaps;
}

/** The gaps around strings and commas of a JSON array. */
function findJsonGaps(text: string, { kind, from, to, elements }: LineToken): readonly Gap[] {
  if (kind !== 'ExecForm') return [];
  const [first] = elements;
  const close: Gap = { from: from + (elements.at(-1)?.end ?? 1), to: to - 1, text: '', indent: 'none' };
  if (first === undefined) return [close];
  const commas = elements.slice(1).flatMap(({ start }, index): Gap[] => {
    const before = from + elements[index]!.end;
    const comma = text.indexOf(',', before);
    return [
      { from: before, to: comma, text: '', indent: 'step' },
      { from: comma + 1, to: from + start, text: ' ', indent: 'step' },
    ];
  });
  return [{ from: from + 1, to: from + first.start, text: '', indent: 'step' }, ...commas, close];
}

function isBlank(text: string, from: number, to: number): boolean {
  return text.slice(from, to).trim() === '';
}
