import { MkimageError } from '../errors.ts';
import { type Flags, flagValues, readArguments } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import { LOG_LEVELS } from './log/log-settings.ts';
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
  'log-level': {
    type: 'string',
    choices: LOG_LEVELS,
    describe: '`debug` tells what is done, on standard error or in MKIMAGE_LOG_FILE (default: info)',
  },
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
      const flags = flagValues(read.flags, definition.flags);
      const runIn = (place: Terminal) => run({ flags, operands: read.operands, terminal: place });
      const { 'log-level': level } = flagValues(read.flags, COMMON);
      if ((level ?? terminal.env.MKIMAGE_LOG ?? '') === '') return runIn(terminal);
      const { withDebugLog } = await import('./log/with-debug-log.ts');
      return withDebugLog({ name: definition.name, level, run: runIn }, terminal);
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
