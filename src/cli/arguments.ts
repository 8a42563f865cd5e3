import type { Options } from 'yargs';
import { MkimageError } from '../errors.ts';
import { didYouMean, parseBool } from '../notation/index.ts';

/** The flags of a verb, by long name, as yargs takes them: `boolean` is a switch, `array` may be repeated. */
export type Flags = Readonly<Record<string, FlagOptions>>;
type FlagOptions = Readonly<Options> & {
  readonly type: 'boolean' | 'string';
  /** What a shell may offer as its value, where there are no `choices`. */
  readonly completes?: CompletedThing;
};

/** What values and operands name, for completion. */
export type CompletedThing =
  | 'nothing'
  | 'file'
  | 'directory'
  | 'image'
  | 'cache-mount'
  | 'stage'
  | 'platform'
  | 'output'
  | 'secret';

/** What the flags were set to: switches default to false, repeatable ones to nothing. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly array: true }
    ? readonly string[]
    : F[K] extends { readonly type: 'boolean' }
      ? boolean
      : string | undefined;
};

export interface ReadArguments {
  /** `--name=value`, one for each use of a flag; a scalar flag appears once, with its last value. */
  readonly flags: readonly string[];
  readonly operands: readonly string[];
}

/**
 * Reads arguments by the grammar of Docker's command line (Go's pflag), which differs from yargs' own: a flag that takes a
 * value always takes the next argument, `-tapp` is `-t app`, `--no-cache=false` is a value and not a negation.
 */
export function readArguments(args: readonly string[], known: Flags): ReadArguments {
  const uses: { readonly name: string; readonly value: string }[] = [];
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') operands.push(...rest.splice(0));
    else if (arg === '-' || !arg.startsWith('-')) operands.push(arg);
    else uses.push(...(arg.startsWith('--') ? [readLong(arg, rest, known)] : readShort(arg, rest, known)));
  }
  const kept = uses.filter(({ name }, index) => {
    return known[name]?.array === true || !uses.slice(index + 1).some((later) => later.name === name);
  });
  return { flags: kept.map(({ name, value }) => `--${name}=${value}`), operands };
}

/** What flags that `readArguments` has read are set to. */
export function flagValues<F extends Flags>(flags: readonly string[], known: F): FlagValues<F> {
  const uses = flags.map((flag) => [flag.slice(2, flag.indexOf('=')), flag.slice(flag.indexOf('=') + 1)] as const);
  const values = Object.entries(known).map(([name, { type, array }]) => {
    const given = uses.filter(([used]) => used === name).map(([, value]) => value);
    if (array === true) return [name, given];
    return [name, type === 'boolean' ? given[0] === 'true' : given[0]];
  });
  return Object.fromEntries(values) as FlagValues<F>;
}

function readLong(arg: string, rest: string[], known: Flags): { name: string; value: string } {
  const equals = arg.indexOf('=');
  const name = equals === -1 ? arg.slice(2) : arg.slice(2, equals);
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined) throw unknownFlag(`--${name}`, known);
  return { name, value: readValue(flag, `--${name}`, equals === -1 ? undefined : arg.slice(equals + 1), rest) };
}

/** `-qt app`, `-tapp`, `-t=app`: switches first, the first flag with a value takes what is left of the word. */
function readShort(arg: string, rest: string[], known: Flags): { name: string; value: string }[] {
  const uses: { name: string; value: string }[] = [];
  let letters = arg.slice(1);
  while (letters !== '') {
    const letter = letters[0]!;
    const [name, flag] = Object.entries(known).find(([, { alias }]) => alias === letter) ?? [];
    if (name === undefined || flag === undefined) throw unknownFlag(`-${letter}`, known);
    letters = letters.slice(1);
    const takesRest = letters.startsWith('=') || (flag.type !== 'boolean' && letters !== '');
    uses.push({ name, value: readValue(flag, `-${letter}`, takesRest ? letters.replace(/^=/, '') : undefined, rest) });
    if (takesRest) break;
  }
  return uses;
}

function readValue(flag: FlagOptions, shown: string, attached: string | undefined, rest: string[]): string {
  if (flag.type === 'boolean') return readBoolean(shown, attached ?? 'true');
  const value = attached ?? rest.shift();
  if (value === undefined) throw new MkimageError('usage', `missing value of \`${shown}\``);
  const choices = flag.choices?.map(String);
  if (choices === undefined || choices.includes(value)) return value;
  throw new MkimageError('usage', `unknown value of \`${shown}\`: \`${value}\``, {
    hint: didYouMean(value, choices, `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`),
  });
}

function readBoolean(shown: string, value: string): string {
  const read = parseBool(value.toLowerCase());
  if (read !== undefined) return String(read);
  throw new MkimageError('usage', `unknown value of \`${shown}\`: \`${value}\``, { hint: 'one of `true`, `false`' });
}

function unknownFlag(shown: string, known: Flags): MkimageError {
  const visible = Object.keys(known).filter((name) => known[name]?.hidden !== true);
  const names = visible.map((name) => `--${name}`);
  return new MkimageError('usage', `unknown flag \`${shown}\``, {
    hint: didYouMean(shown, names, 'the same command with `--help` lists its flags'),
  });
}
