/** Parser directives: comments at the top of the file that configure the parser. */
import { skipSpace } from './characters.ts';
import { type EscapeCharacter, readPhysicalLine } from './logical-line.ts';
import type { Span } from './mapped-text.ts';
import type { SyntaxProblem } from './messages.ts';

export interface DirectiveLine {
  readonly name: 'syntax' | 'escape' | 'check';
  readonly value: string;
  readonly span: Span;
}

export interface Directives {
  readonly lines: readonly DirectiveLine[];
  readonly escape: EscapeCharacter;
  readonly problems: readonly SyntaxProblem[];
  /** True if `syntax` is set in another syntax, `//syntax=` or JSON. The file is then not a build file. */
  readonly isForeign: boolean;
}

const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=(.+)$/s;
const SPACE = '\t\n\f\r ';

/**
 * Reads the directives before the first other line. Each directive may occur once. A `#!` line is skipped; after it, `escape` has
 * no effect, as in BuildKit.
 */
export function readDirectives(source: string): Directives {
  const shebang = source.startsWith('#!') ? readPhysicalLine(source, 0) : undefined;
  const found = readBlock(source, shebang?.next ?? 0, '#');
  const escapes = shebang === undefined ? found.lines.filter(({ name }) => name === 'escape') : [];
  const escapeProblems = escapes.filter(({ value }) => value !== '\\' && value !== '`').map(createEscapeProblem);
  const chosen: EscapeCharacter = escapes[0]?.value === '`' ? '`' : '\\';
  const problems = shebang === undefined ? [...found.problems, ...escapeProblems] : [];
  const foreign = found.lines.some(({ name }) => name === 'syntax')
    ? undefined
    : findForeignSyntax(source, shebang?.next ?? 0);
  const lines = foreign === undefined ? found.lines : [...found.lines, foreign];
  return { lines, escape: chosen, problems, isForeign: foreign !== undefined };
}

function readBlock(source: string, start: number, mark: '#' | '//'): Pick<Directives, 'lines' | 'problems'> {
  const lines: DirectiveLine[] = [];
  const problems: SyntaxProblem[] = [];
  for (let at = start; at < source.length; ) {
    const line = readPhysicalLine(source, at);
    const directive = parseDirective(source, mark, { start: skipSpace(source, line.start, line.end), end: line.end });
    if (directive === undefined) break;
    if (lines.some(({ name }) => name === directive.name)) problems.push(createRepeatedProblem(directive));
    else lines.push(directive);
    at = line.next;
  }
  return { lines, problems };
}

function parseDirective(
  source: string,
  mark: string,
  { start, end }: { readonly start: number; readonly end: number },
): DirectiveLine | undefined {
  if (!source.startsWith(mark, start)) return undefined;
  const match = DIRECTIVE.exec(source.slice(skipSpace(source, start + mark.length, end), end));
  const name = match?.[1]?.toLowerCase();
  if (name !== 'syntax' && name !== 'escape' && name !== 'check') return undefined;
  return { name, value: trimValue(match![2]!), span: { start, end } };
}

/** Trims the value. If it is only space, the last character remains, as with BuildKit's regular expression. */
function trimValue(value: string): string {
  let from = 0;
  let to = value.length;
  while (from < to - 1 && SPACE.includes(value[from]!)) from += 1;
  while (to > from + 1 && SPACE.includes(value[to - 1]!)) to -= 1;
  return value.slice(from, to);
}

/** Finds `// syntax=…` at the top, or a member `syntax` if the whole file is a JSON object. */
function findForeignSyntax(source: string, start: number): DirectiveLine | undefined {
  const slashes = readBlock(source, start, '//').lines.find(({ name }) => name === 'syntax');
  if (slashes !== undefined) return slashes;
  const open = skipSpace(source, start);
  if (source[open] !== '{') return undefined;
  const value = readSyntaxMember(source.slice(open));
  return value === undefined
    ? undefined
    : { name: 'syntax', value, span: { start: open, end: readPhysicalLine(source, open).end } };
}

function readSyntaxMember(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const value = typeof parsed === 'object' && parsed !== null && 'syntax' in parsed ? parsed.syntax : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function createRepeatedProblem({ name, span }: DirectiveLine): SyntaxProblem {
  return {
    code: 'repeated-directive',
    message: `directive \`${name}\` is used twice`,
    hint: 'remove one of them',
    span,
  };
}

function createEscapeProblem({ value, span }: DirectiveLine): SyntaxProblem {
  return { code: 'invalid-escape', message: `invalid escape character \`${value}\``, hint: 'use \\ or `', span };
}
