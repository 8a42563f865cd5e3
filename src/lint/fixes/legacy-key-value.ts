import type { KeyValue, TextEdit } from '../../instructions/index.ts';
import type { LintFile } from '../lint-file.ts';
import type { FixContext } from './fix-context.ts';

/** `ENV key value of blanks` becomes `ENV key="value of blanks"`. */
export function fixLegacyKeyValue({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'env' && instruction.kind !== 'label') return undefined;
  const [pair] = instruction.pairs;
  const edits = pair?.legacy ? createPairEdits(pair, lintFile) : undefined;
  return edits && ({ title: 'write `key=value`', edits, isSafe: true } as const);
}

function createPairEdits({ key, value }: KeyValue, { source, file }: LintFile): readonly TextEdit[] | undefined {
  const gap = source.text.slice(key.range.end.offset, value.range.start.offset);
  const written = source.text.slice(value.range.start.offset, value.range.end.offset);
  // The fix would delete a comment between the lines.
  if (/^[^\S\n\r\u2028\u2029]*#/m.test(gap) || (written !== value.raw && /\n[^\S\n\r\u2028\u2029]*#/.test(written)))
    return undefined;
  const text = quoteValue(value.raw, file.escape);
  const equals = { range: source.toRange(key.range.end.offset, value.range.start.offset), text: '=' };
  return text === written ? [equals] : [equals, { range: value.range, text }];
}

/** Puts the value in quotes. If it already contains quotes, escapes each unquoted blank instead. */
function quoteValue(raw: string, escapeCharacter: string): string {
  if (!/\s/.test(raw)) return raw;
  if (!/["'\\`]/.test(raw)) return `"${raw}"`;
  let quote = '';
  let text = '';
  for (let at = 0; at < raw.length; at += 1) {
    const letter = raw[at]!;
    if (letter === escapeCharacter && quote !== "'") {
      text += letter + (raw[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (letter === quote) quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter;
    text += quote === '' && /\s/.test(letter) ? `${escapeCharacter}${letter}` : letter;
  }
  return text;
}
