import type { CompletedThing, Flags, FlagValues } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Flags and operands of a verb, with the texts for help, completion and the manual. */
export interface VerbDescription<F extends Flags = Flags> {
  readonly name: string;
  readonly summary: string;
  /** Operands in the notation of the help text: `<image> [<image>…]`. */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  readonly flags: F;
  readonly examples?: readonly (readonly [command: string, explanation: string])[];
  /** The kind of operands that shell completion offers. */
  readonly completes?: CompletedThing;
}

/** A description with the function that runs the verb. */
export interface VerbDefinition<F extends Flags> extends VerbDescription<F> {
  readonly run: (call: {
    readonly flags: FlagValues<F>;
    readonly operands: readonly string[];
    readonly terminal: Terminal;
  }) => Promise<ExitCode>;
}

export function formatUsage({ name, operands }: Pick<VerbDefinition<Flags>, 'name' | 'operands'>): string {
  return `usage: mkimage ${name} [flags] ${operands}`.trimEnd();
}
