/**
 * Parses bracket expressions and escapes of Go's regular expressions (RE2, https://github.com/google/re2/wiki/Syntax). All
 * functions throw `SyntaxError` where Go reports an error.
 */

export type CharacterTest = (code: number) => boolean;

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** Classes of one letter; a capital letter means the complement. As in RE2, a vertical tab is not a space. */
const LETTER_CLASSES: Readonly<Record<string, string>> = { d: '0-9', s: '\\t\\n\\f\\r ', w: '0-9A-Z_a-z' };

/** Parses the character class that starts with `[` at `start`. `next` is the offset after it. */
export function bracketClass(text: string, start: number): { readonly accepts: CharacterTest; readonly next: number } {
  const isNegated = text[start + 1] === '^';
  let at = start + (isNegated ? 2 : 1);
  let body = '';
  for (const first = at; at === first || text[at] !== ']'; ) {
    const member = memberAt(text, at);
    body += member.ranges;
    at = member.next;
  }
  return { accepts: testOf(`${isNegated ? '^' : ''}${body}`), next: at + 1 };
}

/** Parses `\` and a character: a class of characters, or the character itself. */
export function escapedClass(char: string): CharacterTest {
  return testOf(escapeOf(char));
}

/** Parses one character, class or escape inside brackets. */
function memberAt(text: string, at: number): { readonly ranges: string; readonly next: number } {
  const char = characterAt(text, at);
  if (char === '') throw new SyntaxError('missing ]');
  if (char === '\\') {
    const escaped = characterAt(text, at + 1);
    return { ranges: escapeOf(escaped), next: at + 1 + escaped.length };
  }
  if (char !== '[') return { ranges: char === ']' ? '\\]' : char, next: at + char.length };
  const name = /^\[:(\^?\w{1,20}):\]/.exec(text.slice(at, at + 24))?.[1];
  return name === undefined
    ? { ranges: '\\[', next: at + 1 }
    : { ranges: classOf(name), next: at + name.length + '[::]'.length };
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** Tests one character at a time, so there is no backtracking. */
function testOf(ranges: string): CharacterTest {
  const expression = new RegExp(`^[${ranges}]$`, 'u');
  return (code) => expression.test(String.fromCodePoint(code));
}

function classOf(name: string): string {
  const isNegated = name.startsWith('^');
  const ranges = member(CLASSES, isNegated ? name.slice(1) : name);
  if (ranges === undefined) throw new SyntaxError(`unknown class [:${name}:]`);
  return isNegated ? complement(ranges) : ranges;
}

function member(classes: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(classes, name) ? classes[name] : undefined;
}

/** The complement of a class that has only ASCII characters. */
function complement(ranges: string): string {
  const accepts = testOf(ranges);
  const others = Array.from({ length: 0x80 }, (_, code) => code).filter((code) => !accepts(code));
  return `${others.map(hexadecimal).join('')}\\x80-\\u{10ffff}`;
}

function hexadecimal(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** Escaped letters and digits have special meanings; other escaped characters are literal. */
function escapeOf(char: string): string {
  const ranges = member(LETTER_CLASSES, char);
  if (ranges !== undefined) return ranges;
  const others = member(LETTER_CLASSES, char.toLowerCase());
  if (others !== undefined) return complement(others);
  if (char !== '' && 'fnrtv'.includes(char)) return `\\${char}`;
  if (char === 'a') return '\\x07';
  if (!/^[\0-\x7f]$/.test(char) || /\w/.test(char.replace('_', ''))) throw new SyntaxError(`unknown escape \\${char}`);
  return hexadecimal(char.charCodeAt(0));
}
