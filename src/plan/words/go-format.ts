/** Formats text like Go's fmt, because other tools compare history entries and check details with BuildKit's. */

const SHORT_ESCAPE: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** `%q` of a string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]|(?! )[\p{C}\p{Z}]/gu, (char) => SHORT_ESCAPE[char] ?? escapeCodePoint(char))}"`;
}

function escapeCodePoint(char: string): string {
  const code = char.codePointAt(0)!;
  const toHex = (digits: number) => code.toString(16).padStart(digits, '0');
  if (code < 0x80) return `\\x${toHex(2)}`;
  return code > 0xffff ? `\\U${toHex(8)}` : `\\u${toHex(4)}`;
}

/** `%q` of a list: `["a" "b"]`. */
export function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}

/** `%v` of a list: `[a b]`. */
export function formatList(texts: readonly string[]): string {
  return `[${texts.join(' ')}]`;
}

/** A duration (nanoseconds) as Go prints it: `1h0m0s`, `1.5s`, `20ms`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  for (const [unit, size] of [
    ['ns', 1],
    ['µs', 1e3],
    ['ms', 1e6],
  ] as const) {
    if (nanoseconds < Math.min(size * 1e3, 1e9)) return `${nanoseconds / size}${unit}`;
  }
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor(nanoseconds / 60e9) % 60;
  const seconds = `${(nanoseconds % 60e9) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
