import type { Flags } from '../arguments.ts';
import type { VerbDescription } from '../verb-definition.ts';
import { findVerb, listGroupWords, listVerbNames, loadVerbs } from '../verbs.ts';
import { type Candidate, type Completion, filterCandidates, NOTHING } from './completion.ts';
import { completeValue, type ValueSources } from './values.ts';

/**
 * Finds candidates for the last word. `words` are the words after `mkimage`, without quotes. The last one is being typed
 * and may be empty. Every candidate begins with the typed text.
 */
export async function completeWords(words: readonly string[], sources: ValueSources): Promise<Completion> {
  const [typed = '', ...before] = [...words].reverse();
  const earlier = before.reverse();
  if (earlier.length === 0) return completeFirstWord(typed);
  const found = findVerb(earlier);
  if (found === undefined)
    return earlier.length === 1 ? filterCandidates(typed, listGroupWords(earlier[0]!).map(toCandidate)) : NOTHING;
  const verb = await found.load();
  return completeArgument(verb.description, { earlier: found.args, typed }, sources);
}

async function completeFirstWord(typed: string): Promise<Completion> {
  const summaries = new Map((await loadVerbs()).map(({ name, summary }) => [name, summary]));
  const names = listVerbNames().map((name) => ({
    value: name,
    about: summaries.get(name) ?? formatGroupSummary(name),
  }));
  const others = [
    { value: 'help', about: 'show help, or the help of a command' },
    { value: '--help', about: 'show help' },
    { value: '--version', about: 'show the version' },
  ];
  const known = new Set(names.map(({ value }) => value));
  const all = [...names, ...others.filter(({ value }) => !known.has(value))];
  return filterCandidates(
    typed,
    all.filter(({ value }) => typed.startsWith('-') || !value.startsWith('-')),
  );
}

function formatGroupSummary(name: string): string {
  return listGroupWords(name).join(', ');
}

interface Argument {
  /** The words between the verb and the word that is being typed. */
  readonly earlier: readonly string[];
  readonly typed: string;
}

async function completeArgument(
  verb: VerbDescription,
  { earlier, typed }: Argument,
  sources: ValueSources,
): Promise<Completion> {
  const pending = earlier.includes('--') ? undefined : findFlagWithoutValue(earlier.at(-1), verb.flags);
  if (pending !== undefined) return completeValue(verb.flags[pending]!, { typed, earlier }, sources);
  if (!typed.startsWith('-') || typed === '-' || earlier.includes('--')) {
    return completeValue({ completes: verb.completes ?? 'nothing' }, { typed, earlier }, sources);
  }
  const equals = typed.indexOf('=');
  const name = typed.slice(2, equals === -1 ? undefined : equals);
  if (equals === -1 || !Object.hasOwn(verb.flags, name))
    return filterCandidates(typed, listFlagNames(verb.flags, earlier));
  const prefix = typed.slice(0, equals + 1);
  return completeValue(verb.flags[name]!, { typed: typed.slice(prefix.length), earlier, prefix }, sources);
}

/** Finds the flag that the word names, if the next word is its value. */
function findFlagWithoutValue(word: string | undefined, flags: Flags): string | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined;
  const isNamed = ([name, { alias }]: [string, Flags[string]]) =>
    word === `--${name}` || (typeof alias === 'string' && /^-[^-]/.test(word) && word.endsWith(alias));
  const [name, flag] = Object.entries(flags).find(isNamed) ?? [];
  return flag?.type === 'string' ? name : undefined;
}

/** Lists the visible flags, without those that are set already and not repeatable. */
function listFlagNames(flags: Flags, earlier: readonly string[]): readonly Candidate[] {
  const isThere = (name: string) => earlier.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return Object.entries(flags)
    .filter(([name, { hidden, array }]) => hidden !== true && (array === true || !isThere(name)))
    .map(([name, { describe }]) => ({ value: `--${name}`, about: String(describe ?? '') }));
}

function toCandidate(value: string): Candidate {
  return { value, about: '' };
}
