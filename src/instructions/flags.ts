/** Flags of instructions: `--name=value`, `--name`. */
import { type FlagsCstNode, type MappedText, readTokenText, slicePart } from '#grammar';
import type { Word } from './instruction.ts';
import { type Fault, findTextRange, type Reading, readWord, reportError } from './reading.ts';
import { findSuggestion } from './text/suggest.ts';

/** A switch without a value is true. A text needs a value. Texts may be used more than once. */
export type FlagKind = 'switch' | 'text' | 'texts';

export type FlagValues<Kinds extends Readonly<Record<string, FlagKind>>> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends 'switch'
    ? boolean | undefined
    : Kinds[Name] extends 'texts'
      ? readonly MappedText[]
      : MappedText | undefined;
};

/** Returns values without quotes and escapes. Reports faults; an invalid flag is ignored. */
export function readFlags<const Kinds extends Readonly<Record<string, FlagKind>>>(
  reading: Reading,
  node: FlagsCstNode | undefined,
  kinds: Kinds,
): FlagValues<Kinds> {
  const values: Record<string, boolean | MappedText | MappedText[] | undefined> = {};
  for (const [name, kind] of Object.entries(kinds)) values[name] = kind === 'texts' ? [] : undefined;
  for (const flag of splitFlags(node)) {
    const value = readFlag(reading, flag, { kinds, before: values });
    const before = values[flag.name];
    if (Array.isArray(before) && typeof value === 'object') before.push(value);
    else if (value !== undefined) values[flag.name] = value;
  }
  return values as FlagValues<Kinds>;
}

/** Reports every flag, for an instruction that has no flags. */
export function readNoFlags(reading: Reading, node: FlagsCstNode | undefined): void {
  readFlags(reading, node, {});
}

/** BuildKit ignores the flags of `HEALTHCHECK NONE`, so they are a warning and not an error. */
export function warnAboutFlags(reading: Reading, node: FlagsCstNode | undefined, keyword: string): void {
  for (const { name, text } of splitFlags(node)) {
    const message = `flag \`--${name}\` of \`${keyword}\` has no effect`;
    reading.report({ severity: 'warning', code: 'ignored-flag', message, range: findTextRange(reading, text) });
  }
}

/** An empty value counts as no value. */
export function readFlagWord(reading: Reading, text: MappedText | undefined): Word | undefined {
  return text === undefined || text.text === '' ? undefined : readWord(reading, text);
}

interface Flag {
  readonly name: string;
  readonly value: MappedText | undefined;
  readonly text: MappedText;
}

function splitFlags(node: FlagsCstNode | undefined): readonly Flag[] {
  return (node?.children.Flag ?? []).map((token) => {
    const text = readTokenText(token);
    const equals = text.text.indexOf('=');
    if (equals < 0) return { name: text.text.slice(2), value: undefined, text };
    return { name: text.text.slice(2, equals), value: slicePart(text, equals + 1, text.text.length), text };
  });
}

function readFlag(
  reading: Reading,
  flag: Flag,
  {
    kinds,
    before,
  }: { readonly kinds: Readonly<Record<string, FlagKind>>; readonly before: Readonly<Record<string, unknown>> },
): boolean | MappedText | undefined {
  const { name, value, text } = flag;
  const reportFault = (code: string, message: string, hint = {}) =>
    reportError(reading, { code, message, ...hint }, findTextRange(reading, text)) as undefined;
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined)
    return reportFault('unknown-flag', `unknown flag \`--${name}\``, createFlagHint(reading, flag, Object.keys(kinds)));
  if (kind !== 'texts' && before[name] !== undefined)
    return reportFault('repeated-flag', `flag \`--${name}\` is used twice`);
  if (kind === 'switch' && value === undefined) return true;
  if (value === undefined || (kind === 'switch' && value.text === '')) {
    return reportFault('missing-flag-value', `flag \`--${name}\` needs a value`, { hint: `write \`--${name}=…\`` });
  }
  if (kind !== 'switch') return value;
  const lower = value.text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  return reportFault('invalid-flag-value', `flag \`--${name}\` must be true or false, not \`${value.text}\``);
}

function createFlagHint(
  reading: Reading,
  { name, text }: Flag,
  names: readonly string[],
): Pick<Fault, 'hint' | 'fixes'> {
  const candidate = findSuggestion(name, names);
  if (candidate === undefined) {
    return names.length === 0 ? {} : { hint: `known flags are ${names.map((known) => `--${known}`).join(', ')}` };
  }
  const range = findTextRange(reading, slicePart(text, 0, name.length + 2));
  const fix = { title: `write \`--${candidate}\``, edits: [{ range, text: `--${candidate}` }] };
  return { hint: `did you mean \`--${candidate}\`?`, fixes: [fix] };
}
