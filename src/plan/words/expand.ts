/** Gives words their values: BuildKit's rules, which are those of a POSIX shell with bash's `/` and `//`. */
import type { ExpansionOperator, Word, WordPart } from '../../instructions/index.ts';
import { Fault } from './fault.ts';
import { checkLength } from './meter.ts';
import { replacePattern, trimPrefix, trimSuffix } from './pattern.ts';
import type { Scope } from './scope.ts';

type Variable = Extract<WordPart, { readonly kind: 'variable' }>;

export interface Expansion {
  readonly value: string;
  /** Names that were looked up and are set. */
  readonly matched: ReadonlySet<string>;
  /** Names that were looked up and are not set, even where a default took their place. */
  readonly unmatched: ReadonlySet<string>;
}

/** The value of a word. Throws a Fault for `${x?}`, `${x:?}` and bad patterns. */
export function expand(word: Word, scope: Scope): Expansion {
  const lookup = new Lookup(scope);
  const value = located(word, () => textOf(word.parts, lookup));
  return { value, matched: lookup.matched, unmatched: lookup.unmatched };
}

/** A reference to a variable whose operand is plain text; the two halves of `/` are separated by one more `/`. */
export interface PlainVariable {
  readonly name: string;
  readonly operator: ExpansionOperator | undefined;
  readonly operand: string;
}

/** What `${name<operator>operand}` is worth. Throws a Fault. */
export function variableValue({ name, operator, operand }: PlainVariable, scope: Scope): string {
  const text = (value: string): WordPart[] => [{ kind: 'text', text: value, quoted: false }];
  const base = { kind: 'variable', name, quoted: false, raw: '' } as const;
  if (operator === undefined) return variableText(base, new Lookup(scope));
  const slash = operator === '/' || operator === '//' ? operand.indexOf('/') : -1;
  const halves =
    slash < 0
      ? { operand: text(operand) }
      : { operand: text(operand.slice(0, slash)), replacement: text(operand.slice(slash + 1)) };
  return variableText({ ...base, operator, ...halves }, new Lookup(scope));
}

/** The value split at blanks that are not quoted; blanks out of variables split too. An empty word is no word. */
export function expandWords(word: Word, scope: Scope): readonly string[] {
  const lookup = new Lookup(scope);
  const words = [''];
  let length = 0;
  for (const part of word.parts) {
    const text = located(word, () => partText(part, lookup));
    length += text.length;
    located(word, () => checkLength(length));
    if (part.quoted) words[words.length - 1] += text;
    else splitInto(words, text);
  }
  return words.filter((text) => text !== '');
}

function splitInto(words: string[], text: string): void {
  const [first = '', ...rest] = text.split(/\s+/u);
  words[words.length - 1] += first;
  for (const word of rest) words.push(word);
}

/** Notes what is looked up. */
class Lookup {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get(name: string): string | undefined {
    const value = this.#scope.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }
}

function located<T>(word: Word, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault && !error.range) {
      throw new Fault(error.code, error.message, { hint: error.hint, range: word.range });
    }
    throw error;
  }
}

function textOf(parts: readonly WordPart[], lookup: Lookup): string {
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    const text = partText(part, lookup);
    length += text.length;
    checkLength(length);
    texts.push(text);
  }
  return texts.join('');
}

function partText(part: WordPart, lookup: Lookup): string {
  return part.kind === 'text' ? part.text : variableText(part, lookup);
}

function variableText(part: Variable, lookup: Lookup): string {
  // Operands are always evaluated, as in BuildKit: what they name counts as used, and their faults are faults.
  const operand = textOf(part.operand ?? [], lookup);
  const replacement = textOf(part.replacement ?? [], lookup);
  const value = lookup.get(part.name);
  if (part.operator === undefined) return value ?? '';
  switch (part.operator) {
    case '-':
      return value ?? operand;
    case ':-':
      return value || operand;
    case '+':
      return value === undefined ? '' : operand;
    case ':+':
      return value ? operand : '';
    case '?':
    case ':?':
      return required(part, value, operand);
    case '#':
    case '##':
      return trimPrefix(value ?? '', operand, part.operator === '##');
    case '%':
    case '%%':
      return trimSuffix(value ?? '', operand, part.operator === '%%');
    case '/':
    case '//':
      return replacePattern(value ?? '', operand, replacement, part.operator === '//');
  }
}

function required(part: Variable, value: string | undefined, message: string): string {
  if (value === undefined) throw missing(part.name, message || 'is not allowed to be unset');
  if (part.operator === ':?' && value === '') throw missing(part.name, message || 'is not allowed to be empty');
  return value;
}

function missing(name: string, message: string): Fault {
  return new Fault('variable-required', `${name}: ${message}`, {
    hint: `set it with \`--build-arg ${name}=…\`, ARG or ENV`,
  });
}
