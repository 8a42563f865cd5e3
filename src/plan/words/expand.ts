/** Evaluates words by BuildKit's rules: those of a POSIX shell, with `/` and `//` of bash. */
import type { ExpansionOperator, Word, WordPart } from '../../instructions/index.ts';
import { Fault } from './fault.ts';
import { checkLength } from './meter.ts';
import { replacePattern, trimPrefix, trimSuffix } from './pattern.ts';
import type { Scope } from './scope.ts';

type Variable = Extract<WordPart, { readonly kind: 'variable' }>;

export interface Expansion {
  readonly value: string;
  /** Names of used variables that are set. */
  readonly matched: ReadonlySet<string>;
  /** Names of used variables that are not set, also those with a default. */
  readonly unmatched: ReadonlySet<string>;
}

/** Evaluates a word. Throws a Fault for `${x?}`, `${x:?}` and invalid patterns. */
export function expand(word: Word, scope: Scope): Expansion {
  const lookup = new Lookup(scope);
  const value = addWordRange(word, () => expandParts(word.parts, lookup));
  return { value, matched: lookup.matched, unmatched: lookup.unmatched };
}

/** A variable with a plain text operand. For `/`, pattern and replacement are separated by one more `/`. */
export interface PlainVariable {
  readonly name: string;
  readonly operator: ExpansionOperator | undefined;
  readonly operand: string;
}

/** Evaluates `${name<operator>operand}`. Throws a Fault. */
export function evaluateVariable({ name, operator, operand }: PlainVariable, scope: Scope): string {
  const createTextPart = (value: string): WordPart[] => [{ kind: 'text', text: value, quoted: false }];
  const base = { kind: 'variable', name, quoted: false, raw: '' } as const;
  if (operator === undefined) return expandVariable(base, new Lookup(scope));
  const slash = operator === '/' || operator === '//' ? operand.indexOf('/') : -1;
  const halves =
    slash < 0
      ? { operand: createTextPart(operand) }
      : { operand: createTextPart(operand.slice(0, slash)), replacement: createTextPart(operand.slice(slash + 1)) };
  return expandVariable({ ...base, operator, ...halves }, new Lookup(scope));
}

/** Evaluates a word and splits it at unquoted blanks, also at blanks from variables. Empty words are dropped. */
export function expandWords(word: Word, scope: Scope): readonly string[] {
  const lookup = new Lookup(scope);
  const words = [''];
  let length = 0;
  for (const part of word.parts) {
    const text = addWordRange(word, () => expandPart(part, lookup));
    length += text.length;
    addWordRange(word, () => checkLength(length));
    if (part.quoted) words[words.length - 1] += text;
    else splitAtBlanks(words, text);
  }
  return words.filter((text) => text !== '');
}

function splitAtBlanks(words: string[], text: string): void {
  const [first = '', ...rest] = text.split(/\s+/u);
  words[words.length - 1] += first;
  for (const word of rest) words.push(word);
}

/** Records which variables are used. */
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

function addWordRange<T>(word: Word, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault && !error.range) {
      throw new Fault(error.code, error.message, { hint: error.hint, range: word.range });
    }
    throw error;
  }
}

function expandParts(parts: readonly WordPart[], lookup: Lookup): string {
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    const text = expandPart(part, lookup);
    length += text.length;
    checkLength(length);
    texts.push(text);
  }
  return texts.join('');
}

function expandPart(part: WordPart, lookup: Lookup): string {
  return part.kind === 'text' ? part.text : expandVariable(part, lookup);
}

function expandVariable(part: Variable, lookup: Lookup): string {
  // Operands are always evaluated, as in BuildKit: their variables count as used, and their faults are reported.
  const operand = expandParts(part.operand ?? [], lookup);
  const replacement = expandParts(part.replacement ?? [], lookup);
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
      return requireValue(part, value, operand);
    case '#':
    case '##':
      return trimPrefix(value ?? '', operand, part.operator === '##');
    case '%':
    case '%%':
      return trimSuffix(value ?? '', operand, part.operator === '%%');
    case '/':
    case '//':
      return replacePattern(value ?? '', { pattern: operand, replacement, all: part.operator === '//' });
  }
}

function requireValue(part: Variable, value: string | undefined, message: string): string {
  if (value === undefined) throw createMissingFault(part.name, message || 'is not allowed to be unset');
  if (part.operator === ':?' && value === '')
    throw createMissingFault(part.name, message || 'is not allowed to be empty');
  return value;
}

function createMissingFault(name: string, message: string): Fault {
  return new Fault('variable-required', `${name}: ${message}`, {
    hint: `set it with \`--build-arg ${name}=…\`, ARG or ENV`,
  });
}
