import type { Span } from '#grammar';

export interface VariableUse extends Span {
  readonly name: string;
}

export interface VariableSyntax {
  readonly escape: '\\' | '`';
  /** True if variables in single quotes are not expanded. */
  readonly quotes: boolean;
}

const NAME = /\$\{?([A-Za-z_]\w*)/y;

/** Finds the names behind `$` and `${` in a text, also in default values. `start` is added to offsets. */
export function scanVariables(
  text: string,
  start: number,
  { escape: sign, quotes }: VariableSyntax,
): readonly VariableUse[] {
  const found: VariableUse[] = [];
  let isInDoubleQuotes = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === sign) at += 1;
    else if (quotes && character === '"') isInDoubleQuotes = !isInDoubleQuotes;
    else if (quotes && character === "'" && !isInDoubleQuotes) at = findClosingQuote(text, at);
    else if (character === '$') {
      NAME.lastIndex = at;
      const match = NAME.exec(text);
      if (match === null) continue;
      const end = at + match[0].length;
      found.push({ name: match[1]!, start: start + end - match[1]!.length, end: start + end });
      at = end - 1;
    }
  }
  return found;
}

function findClosingQuote(text: string, at: number): number {
  const end = text.indexOf("'", at + 1);
  return end < 0 ? text.length : end;
}
