/** Where the line of an instruction may be written otherwise without saying anything else. */
import type { LineToken } from '#grammar';
import { shellBlanks } from './shell-blanks.ts';

/** A part of the line's text, perhaps empty, that may be any amount of blanks, also a line break. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** What it should be if there is no line break in it. */
  readonly text: string;
  /** How a line that begins after it is indented: by one step, as far as its neighbours, or not at all. */
  readonly indent: 'step' | 'shape' | 'none';
}

/** `keepsCommands`: the shell is a foreign one, and nobody knows what blanks mean in it. */
export function gapsOf(text: string, tokens: readonly LineToken[], keepsCommands: boolean): readonly Gap[] {
  const commandKeyword = tokens.findLast(({ kind }) => COMMANDS.has(kind));
  const isCommand = ({ kind }: LineToken) => kind === 'Text' && commandKeyword !== undefined;
  return tokens.flatMap((token, index) => {
    const before = index === 0 ? [] : gapBetween(text, tokens[index - 1]!, token, isCommand(token));
    const inside = isCommand(token) && !keepsCommands ? shellGaps(text, token) : jsonGaps(text, token);
    return [...before, ...inside];
  });
}

/** What may be followed by a command in shell form. */
const COMMANDS = new Set(['Run', 'Cmd', 'Entrypoint', 'Healthcheck']);

function gapBetween(text: string, before: LineToken, token: LineToken, isCommand: boolean): readonly Gap[] {
  if (before.to >= token.from || !isBlank(text, before.to, token.from)) return [];
  const indent = isCommand || token.kind === 'HealthType' ? 'shape' : 'step';
  return [{ from: before.to, to: token.from, text: ' ', indent }];
}

/** Runs of separating blanks, and places that need none. They stay as they are, unless a line ends in them. */
function shellGaps(text: string, token: LineToken): readonly Gap[] {
  const { blanks, operatorEnds } = shellBlanks(text.slice(token.from, token.to));
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

/** Around the strings of a JSON array and its commas. */
function jsonGaps(text: string, { kind, from, to, elements }: LineToken): readonly Gap[] {
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
