import yargs, { type Argv } from 'yargs';
import { MkimageError } from '../errors.ts';
import { type Flags, type FlagValues, readArguments } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** One verb of the command line: flags and operands in, work done by the engine, text out. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

export interface VerbDefinition<F extends Flags> {
  readonly name: string;
  readonly summary: string;
  /** As help shows them: `<image> [<image>…]`. */
  readonly operands: string;
  readonly least: number;
  readonly most: number;
  readonly flags: F;
  readonly examples?: readonly (readonly [command: string, explanation: string])[];
  readonly run: (call: {
    readonly flags: FlagValues<F>;
    readonly operands: readonly string[];
    readonly terminal: Terminal;
  }) => Promise<ExitCode>;
}

/** Flags that every verb has. */
const COMMON = {
  debug: { alias: 'D', type: 'boolean', describe: 'on failure, show where in the program it arose' },
  help: { alias: 'h', type: 'boolean', describe: 'show this help' },
} as const satisfies Flags;

/** The verb that a definition describes: `--help` and everything about arguments is dealt with here. */
export function defineVerb<const F extends Flags>(definition: VerbDefinition<F>): Verb {
  return {
    name: definition.name,
    summary: definition.summary,
    async run(args, terminal) {
      const known: Flags = { ...definition.flags, ...COMMON };
      const read = readArguments(args, known);
      if (read.flags.includes('--help=true')) {
        terminal.stdout.write(`${await helpOf(definition, known, terminal)}\n`);
        return 0;
      }
      requireOperands(definition, read.operands.length);
      const flags = flagValues(read.flags, known) as FlagValues<F>;
      return definition.run({ flags, operands: read.operands, terminal });
    },
  };
}

/** The values of flags that `readArguments` has read, converted by yargs. */
export function flagValues(flags: readonly string[], known: Flags): Record<string, unknown> {
  const parsed = parser(flags, known).parseSync() as Record<string, unknown>;
  const value = (name: string): unknown => {
    if (known[name]?.array === true) return usesOf(name, flags);
    return parsed[name] ?? (known[name]?.type === 'boolean' ? false : undefined);
  };
  return Object.fromEntries(Object.keys(known).map((name) => [name, value(name)]));
}

/** Of a flag that may be repeated; yargs would drop empty values. */
function usesOf(name: string, flags: readonly string[]): readonly string[] {
  const start = `--${name}=`;
  return flags.filter((flag) => flag.startsWith(start)).map((flag) => flag.slice(start.length));
}

function parser(flags: readonly string[], known: Flags) {
  return yargs([...flags])
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .help(false)
    .version(false)
    .options(known)
    .fail((message, error) => {
      throw error ?? new MkimageError('usage', message);
    });
}

function helpOf<F extends Flags>(definition: VerbDefinition<F>, known: Flags, terminal: Terminal): Promise<string> {
  const help = parser([], known)
    .scriptName('mkimage')
    .usage(`${usageLine(definition)}\n\n${definition.summary}`)
    .updateStrings({ 'Options:': 'Flags:' })
    .wrap(Math.min(100, terminal.stdout.columns ?? 100));
  hideTypes(help);
  for (const [command, explanation] of definition.examples ?? []) help.example(command, explanation);
  return help.getHelp();
}

/** Leaves `[string] [array]` out of a help text. (yargs 18 has the setting, its type declarations are of 17.) */
export function hideTypes(help: Argv): void {
  (help as Argv & { usageConfiguration(settings: object): Argv }).usageConfiguration({ 'hide-types': true });
}

function requireOperands(
  definition: Pick<VerbDefinition<Flags>, 'name' | 'operands' | 'least' | 'most'>,
  count: number,
): void {
  if (count >= definition.least && count <= definition.most) return;
  const problem = count < definition.least ? 'missing argument' : 'too many arguments';
  throw new MkimageError('usage', `${problem} of \`${definition.name}\``, { hint: usageLine(definition) });
}

function usageLine({ name, operands }: Pick<VerbDefinition<Flags>, 'name' | 'operands'>): string {
  return `usage: mkimage ${name} [flags] ${operands}`.trimEnd();
}
