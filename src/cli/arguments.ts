import type { Options } from 'yargs';
import { MkimageError } from '../errors.ts';
import { createSuggestionHint, parseBool } from '../notation/index.ts';

/** The flags of a verb by long name, in the form of yargs' options. `boolean` is a switch; `array` may be repeated. */
export type Flags = Readonly<Record<string, FlagOptions>>;
type FlagOptions = Readonly<Options> & {
  readonly type: 'boolean' | 'string';
  /** The kind of value that shell completion offers. Not used if the flag has `choices`. */
  readonly completes?: CompletedThing;
  /** The value of the flag without one: it takes a value only after `=`. */
  readonly bare?: string;
};

/** Kinds of values and operands that shell completion knows. */
export type CompletedThing =
  | 'nothing'
  | 'file'
  | 'directory'
  | 'image'
  | 'container'
  | 'cache-mount'
  | 'stage'
  | 'platform'
  | 'output'
  | 'cache'
  | 'secret';

/** Values of the flags. Switches default to false, repeatable flags to an empty list, others to undefined. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly array: true }
    ? readonly string[]
    : F[K] extends { readonly type: 'boolean' }
      ? boolean
      : string | undefined;
};

export interface ReadArguments {
  /** `--name=value`, one entry per use of a flag. A flag that is not repeatable appears once, with its last value. */
  readonly flags: readonly string[];
  readonly operands: readonly string[];
}

/**
 * Reads arguments by the rules of Docker's command line (Go's pflag). These differ from yargs' rules: a flag with a value
 * always takes the next argument, `-tapp` means `-t app`, and `--no-cache=false` sets a value. With `endsAtOperand`, everything
 * after the first operand is an operand too. Throws `usage`.
 */
export function readArguments(args: readonly string[], known: Flags, endsAtOperand = false): ReadArguments {
  const uses: { readonly name: string; readonly value: string }[] = [];
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') operands.push(...rest.splice(0));
    else if (arg === '-' || !arg.startsWith('-')) operands.push(arg, ...(endsAtOperand ? rest.splice(0) : []));
    else uses.push(...(arg.startsWith('--') ? [readLong(arg, rest, known)] : readShort(arg, rest, known)));
  }
  const kept = uses.filter(({ name }, index) => {
    return known[name]?.array === true || !uses.slice(index + 1).some((later) => later.name === name);
  });
  return { flags: kept.map(({ name, value }) => `--${name}=${value}`), operands };
}

/** Converts the `flags` of `readArguments` to typed values. */
export function toFlagValues<F extends Flags>(flags: readonly string[], known: F): FlagValues<F> {
  const uses = flags.map((flag) => [flag.slice(2, flag.indexOf('=')), flag.slice(flag.indexOf('=') + 1)] as const);
  const values = Object.entries(known).map(([name, { type, array, default: standard }]) => {
    const given = uses.filter(([used]) => used === name).map(([, value]) => value);
    if (array === true) return [name, given];
    return [name, type === 'boolean' ? (given[0] ?? String(standard)) === 'true' : given[0]];
  });
  return Object.fromEntries(values) as FlagValues<F>;
}

function readLong(arg: string, rest: string[], known: Flags): { name: string; value: string } {
  const equals = arg.indexOf('=');
  const name = equals === -1 ? arg.slice(2) : arg.slice(2, equals);
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined) throw createUnknownFlagError(`--${name}`, known);
  return {
    name,
    value: readValue(flag, rest, { shown: `--${name}`, attached: equals === -1 ? undefined : arg.slice(equals + 1) }),
  };
}

/** Reads `-qt app`, `-tapp` or `-t=app`: switches come first, and the first flag with a value takes the rest of the word. */
function readShort(arg: string, rest: string[], known: Flags): { name: string; value: string }[] {
  const uses: { name: string; value: string }[] = [];
  let letters = arg.slice(1);
  while (letters !== '') {
    const letter = letters[0]!;
    const [name, flag] = Object.entries(known).find(([, { alias }]) => alias === letter) ?? [];
    if (name === undefined || flag === undefined) throw createUnknownFlagError(`-${letter}`, known);
    letters = letters.slice(1);
    const takesRest = letters.startsWith('=') || (flag.type !== 'boolean' && letters !== '');
    uses.push({
      name,
      value: readValue(flag, rest, {
        shown: `-${letter}`,
        attached: takesRest ? letters.replace(/^=/, '') : undefined,
      }),
    });
    if (takesRest) break;
  }
  return uses;
}

function readValue(
  flag: FlagOptions,
  rest: string[],
  { shown, attached }: { readonly shown: string; readonly attached: string | undefined },
): string {
  if (flag.type === 'boolean') return readBoolean(shown, attached ?? 'true');
  const value = attached ?? flag.bare ?? rest.shift();
  if (value === undefined) throw new MkimageError('usage', `missing value for \`${shown}\``);
  const choices = flag.choices?.map(String);
  if (choices === undefined || choices.includes(value)) return value;
  throw new MkimageError('usage', `invalid value for \`${shown}\`: \`${value}\``, {
    hint: createSuggestionHint(value, choices, `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`),
  });
}

function readBoolean(shown: string, value: string): string {
  const read = parseBool(value.toLowerCase());
  if (read !== undefined) return String(read);
  throw new MkimageError('usage', `invalid value for \`${shown}\`: \`${value}\``, { hint: 'one of `true`, `false`' });
}

function createUnknownFlagError(shown: string, known: Flags): MkimageError {
  const visible = Object.keys(known).filter((name) => known[name]?.hidden !== true);
  const names = visible.map((name) => `--${name}`);
  return new MkimageError('usage', `unknown flag \`${shown}\``, {
    hint: createSuggestionHint(shown, names, 'run the same command with `--help` to list its flags'),
  });
}
