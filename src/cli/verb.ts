import { MkimageError } from '../errors.ts';
import { type Flags, flagValues, readArguments } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { usageLine, type VerbDefinition, type VerbDescription } from './verb-definition.ts';

/** One verb of the command line: flags and operands in, work done by the engine, text out. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** With the flags that every verb has. */
  readonly description: VerbDescription;
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** Flags that every verb has. */
const COMMON = {
  debug: { alias: 'D', type: 'boolean', describe: 'on failure, show where in the program it arose' },
  help: { alias: 'h', type: 'boolean', describe: 'show this help' },
} as const satisfies Flags;

/** The verb that a definition describes: `--help` and everything about arguments is dealt with here. */
export function defineVerb<const F extends Flags>(definition: VerbDefinition<F>): Verb {
  const { run, ...described } = definition;
  const known: Flags = { ...definition.flags, ...COMMON };
  return {
    name: definition.name,
    summary: definition.summary,
    description: { ...described, flags: known },
    async run(args, terminal) {
      const read = readArguments(args, known);
      if (read.flags.includes('--help=true')) {
        const { helpOf } = await import('./help.ts');
        terminal.stdout.write(`${await helpOf({ ...definition, flags: known }, terminal.stdout.columns)}\n`);
        return 0;
      }
      requireOperands(definition, read.operands.length);
      return run({ flags: flagValues(read.flags, definition.flags), operands: read.operands, terminal });
    },
  };
}

function requireOperands(
  definition: Pick<VerbDefinition<Flags>, 'name' | 'operands' | 'least' | 'most'>,
  count: number,
): void {
  if (count >= definition.least && count <= definition.most) return;
  const problem = count < definition.least ? 'missing argument' : 'too many arguments';
  throw new MkimageError('usage', `${problem} of \`${definition.name}\``, { hint: usageLine(definition) });
}
