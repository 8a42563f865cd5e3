/** Parser directives: comments at the top of the file that say how to read it. */
import { skipSpace } from './characters.ts';
import { type EscapeCharacter, physicalLineAt } from './logical-line.ts';
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
  /** Set if `syntax` was said in another language's way, `//syntax=` or JSON: the file is no build file then. */
  readonly isForeign: boolean;
}

const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=(.+)$/s;
const SPACE = '\t\n\f\r ';

/**
 * Reads the directives, each once, that stand before any other line. After a `#!` line, which is passed over, `escape` has no
 * effect: BuildKit reads that one with a stricter eye than the others.
 */
export function readDirectives(source: string): Directives {
  const shebang = source.startsWith('#!') ? physicalLineAt(source, 0) : undefined;
  const found = readBlock(source, shebang?.next ?? 0, '#');
  const escapes = shebang === undefined ? found.lines.filter(({ name }) => name === 'escape') : [];
  const escapeProblems = escapes.filter(({ value }) => value !== '\\' && value !== '`').map(invalidEscape);
  const chosen: EscapeCharacter = escapes[0]?.value === '`' ? '`' : '\\';
  const problems = shebang === undefined ? [...found.problems, ...escapeProblems] : [];
  const foreign = found.lines.some(({ name }) => name === 'syntax')
    ? undefined
    : foreignSyntax(source, shebang?.next ?? 0);
  const lines = foreign === undefined ? found.lines : [...found.lines, foreign];
  return { lines, escape: chosen, problems, isForeign: foreign !== undefined };
}

function readBlock(source: string, start: number, mark: '#' | '//'): Pick<Directives, 'lines' | 'problems'> {
  const lines: DirectiveLine[] = [];
  const problems: SyntaxProblem[] = [];
  for (let at = start; at < source.length; ) {
    const line = physicalLineAt(source, at);
    const directive = directiveOf(source, skipSpace(source, line.start, line.end), line.end, mark);
    if (directive === undefined) break;
    if (lines.some(({ name }) => name === directive.name)) problems.push(repeated(directive));
    else lines.push(directive);
    at = line.next;
  }
  return { lines, problems };
}

function directiveOf(source: string, start: number, end: number, mark: string): DirectiveLine | undefined {
  if (!source.startsWith(mark, start)) return undefined;
  const match = DIRECTIVE.exec(source.slice(skipSpace(source, start + mark.length, end), end));
  const name = match?.[1]?.toLowerCase();
  if (name !== 'syntax' && name !== 'escape' && name !== 'check') return undefined;
  return { name, value: trimmed(match![2]!), span: { start, end } };
}

/** Of nothing but space the last one stays, as in the expression that BuildKit reads directives by. */
function trimmed(value: string): string {
  let from = 0;
  let to = value.length;
  while (from < to - 1 && SPACE.includes(value[from]!)) from += 1;
  while (to > from + 1 && SPACE.includes(value[to - 1]!)) to -= 1;
  return value.slice(from, to);
}

/** `// syntax=…` at the top, or the whole file a JSON object with a member `syntax`. */
function foreignSyntax(source: string, start: number): DirectiveLine | undefined {
  const slashes = readBlock(source, start, '//').lines.find(({ name }) => name === 'syntax');
  if (slashes !== undefined) return slashes;
  const open = skipSpace(source, start);
  if (source[open] !== '{') return undefined;
  const value = syntaxMember(source.slice(open));
  return value === undefined
    ? undefined
    : { name: 'syntax', value, span: { start: open, end: physicalLineAt(source, open).end } };
}

function syntaxMember(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const value = typeof parsed === 'object' && parsed !== null && 'syntax' in parsed ? parsed.syntax : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function repeated({ name, span }: DirectiveLine): SyntaxProblem {
  return {
    code: 'repeated-directive',
    message: `directive \`${name}\` is given twice`,
    hint: 'leave only one of them',
    span,
  };
}

function invalidEscape({ value, span }: DirectiveLine): SyntaxProblem {
  return { code: 'invalid-escape', message: `invalid escape character \`${value}\``, hint: 'it is \\ or `', span };
}
