/**
 * Regular expressions in Go's syntax (RE2, https://github.com/google/re2/wiki/Syntax), as far as they can come out of an ignore
 * pattern: bracket expressions, `*`, `?`, groups, `|`, counts, escapes.
 */

const TOKEN = /(?<brackets>\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|\{\d+(?:,\d*)?\}|\\(?<escaped>.)|./gsu;

/** The same as one of ours. Throws `SyntaxError` where Go reports an error. */
export function fromGoSyntax(source: string): RegExp {
  let js = '';
  for (const { 0: token, groups } of source.matchAll(TOKEN)) {
    if (groups?.brackets !== undefined) js += brackets(token);
    else if (groups?.escaped !== undefined) js += escapeOf(groups.escaped);
    else if (token === '[') throw new SyntaxError('missing ]');
    else if (token === '.') js += '[^\\n]';
    else js += /^[\]{}]$/.test(token) ? `\\${token}` : token;
  }
  return new RegExp(js, 'u');
}

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

/** A closing bracket that comes first stands for itself; so does an opening one that begins no class. */
function brackets(token: string): string {
  const { open = '[', first = '', rest = '' } = /^(?<open>\[\^?)(?<first>\]?)(?<rest>.*)$/su.exec(token)?.groups ?? {};
  const body = rest.replace(/\[:(?<name>\w+):\]|\\(?<escaped>.)|\[/gsu, (part, name?: string, escaped?: string) => {
    if (name !== undefined) return classOf(name);
    return escaped === undefined ? `\\${part}` : escapeOf(escaped);
  });
  return `${open}${first === '' ? '' : '\\]'}${body}`;
}

function classOf(name: string): string {
  const ranges = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (ranges === undefined) throw new SyntaxError(`unknown class [:${name}:]`);
  return ranges;
}

/** Letters and digits are reserved for meanings, other signs stand for themselves. */
function escapeOf(char: string): string {
  if (/[dDsSwWbBfnrtv]/.test(char)) return `\\${char}`;
  if (char === 'a') return '\\x07';
  if (char === 'A') return '^';
  if (char === 'z') return '$';
  if (/[0-9A-Za-z]|[^\0-\x7f]/.test(char)) throw new SyntaxError(`unknown escape \\${char}`);
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
