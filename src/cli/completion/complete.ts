import type { Flags } from '../arguments.ts';
import type { VerbDescription } from '../verb-definition.ts';
import { findVerb, loadVerbs, verbNames, wordsAfter } from '../verbs.ts';
import { type Candidate, type Completion, NOTHING, offer } from './completion.ts';
import { completeValue, type ValueSources } from './values.ts';

/**
 * What could stand in the place of the last word. `words` are those after `mkimage`, without quotes; the last one is being
 * typed and may be empty. Candidates begin with what is typed already.
 */
export async function completeWords(words: readonly string[], sources: ValueSources): Promise<Completion> {
  const [typed = '', ...before] = [...words].reverse();
  const earlier = before.reverse();
  if (earlier.length === 0) return firstWord(typed);
  const found = findVerb(earlier);
  if (found === undefined) return earlier.length === 1 ? offer(typed, wordsAfter(earlier[0]!).map(bare)) : NOTHING;
  const verb = await found.load();
  return completeArgument(verb.description, { earlier: found.args, typed }, sources);
}

async function firstWord(typed: string): Promise<Completion> {
  const summaries = new Map((await loadVerbs()).map(({ name, summary }) => [name, summary]));
  const names = verbNames().map((name) => ({ value: name, about: summaries.get(name) ?? groupSummary(name) }));
  const others = [
    { value: 'help', about: 'show help, or that of a command' },
    { value: '--help', about: 'show help' },
    { value: '--version', about: 'show the version' },
  ];
  const known = new Set(names.map(({ value }) => value));
  const all = [...names, ...others.filter(({ value }) => !known.has(value))];
  return offer(
    typed,
    all.filter(({ value }) => typed.startsWith('-') || !value.startsWith('-')),
  );
}

function groupSummary(name: string): string {
  return wordsAfter(name).join(', ');
}

interface Argument {
  /** The words between the verb and the one that is typed. */
  readonly earlier: readonly string[];
  readonly typed: string;
}

async function completeArgument(
  verb: VerbDescription,
  { earlier, typed }: Argument,
  sources: ValueSources,
): Promise<Completion> {
  const wanting = earlier.includes('--') ? undefined : flagWithoutValue(earlier.at(-1), verb.flags);
  if (wanting !== undefined) return completeValue(verb.flags[wanting]!, { typed, earlier }, sources);
  if (!typed.startsWith('-') || typed === '-' || earlier.includes('--')) {
    return completeValue({ completes: verb.completes ?? 'nothing' }, { typed, earlier }, sources);
  }
  const equals = typed.indexOf('=');
  const name = typed.slice(2, equals === -1 ? undefined : equals);
  if (equals === -1 || !Object.hasOwn(verb.flags, name)) return offer(typed, flagNames(verb.flags, earlier));
  const prefix = typed.slice(0, equals + 1);
  return completeValue(verb.flags[name]!, { typed: typed.slice(prefix.length), earlier, prefix }, sources);
}

/** The flag that the word names, if its value has to be the next word. */
function flagWithoutValue(word: string | undefined, flags: Flags): string | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined;
  const isNamed = ([name, { alias }]: [string, Flags[string]]) =>
    word === `--${name}` || (typeof alias === 'string' && /^-[^-]/.test(word) && word.endsWith(alias));
  const [name, flag] = Object.entries(flags).find(isNamed) ?? [];
  return flag?.type === 'string' ? name : undefined;
}

/** Flags that are meant to be seen, without those that count once and are there already. */
function flagNames(flags: Flags, earlier: readonly string[]): readonly Candidate[] {
  const isThere = (name: string) => earlier.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return Object.entries(flags)
    .filter(([name, { hidden, array }]) => hidden !== true && (array === true || !isThere(name)))
    .map(([name, { describe }]) => ({ value: `--${name}`, about: String(describe ?? '') }));
}

function bare(value: string): Candidate {
  return { value, about: '' };
}
