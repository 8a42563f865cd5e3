import { MkimageError } from '../errors.ts';
import { type Flags, readArguments, toFlagValues } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import { LOG_LEVELS } from './log/log-settings.ts';
import type { Terminal } from './terminal.ts';
import { formatUsage, type VerbDefinition, type VerbDescription } from './verb-definition.ts';

/** One verb of the command line. It reads flags and operands, calls the engine and prints the result. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Includes the flags that every verb has. */
  readonly description: VerbDescription;
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** Flags that every verb has. */
const COMMON = {
  debug: { alias: 'D', type: 'boolean', describe: 'on failure, print stack traces' },
  'log-level': {
    type: 'string',
    choices: LOG_LEVELS,
    describe: 'set the log level; `debug` writes a debug log to standard error or MKIMAGE_LOG_FILE (default: info)',
  },
  help: { alias: 'h', type: 'boolean', describe: 'show this help' },
} as const satisfies Flags;

/** Creates a verb from its definition. Parses the arguments and handles `--help`. */
export function defineVerb<const F extends Flags>(definition: VerbDefinition<F>): Verb {
  const { run, needsNamespace, ...description } = definition;
  const known: Flags = { ...definition.flags, ...COMMON };
  return {
    name: definition.name,
    summary: definition.summary,
    description: { ...description, flags: known },
    async run(args, terminal) {
      const read = readArguments(args, known, definition.endsAtOperand);
      if (read.flags.includes('--help=true')) {
        const { renderHelp } = await import('./help.ts');
        terminal.stdout.write(`${await renderHelp({ ...definition, flags: known }, terminal.stdout.columns)}\n`);
        return 0;
      }
      requireOperands(definition, read.operands.length);
      const flags = toFlagValues(read.flags, definition.flags);
      const runIn = async (place: Terminal) => {
        const call = { flags, operands: read.operands, terminal: place };
        const need = place.mayEnterNamespace === true ? await needsNamespace?.(call) : undefined;
        if (need === 'runs-steps' || need === 'reads-store') {
          const { enterUserNamespace } = await import('./user-namespace.ts');
          enterUserNamespace(need, place);
        }
        return run(call);
      };
      const { 'log-level': level } = toFlagValues(read.flags, COMMON);
      if ((level ?? terminal.env.MKIMAGE_LOG ?? '') === '') return runIn(terminal);
      const { withDebugLog } = await import('./log/with-debug-log.ts');
      return withDebugLog({ name: definition.name, level, run: runIn }, terminal);
    },
  };
}

function requireOperands(
  definition: Pick<VerbDefinition<Flags>, 'name' | 'operands' | 'minOperands' | 'maxOperands'>,
  count: number,
): void {
  if (count >= definition.minOperands && count <= definition.maxOperands) return;
  const problem = count < definition.minOperands ? 'missing argument' : 'too many arguments';
  throw new MkimageError('usage', `${problem} for \`${definition.name}\``, { hint: formatUsage(definition) });
}
