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
  /** Everything after the first operand belongs to another program. */
  readonly endsAtOperand?: boolean;
  readonly examples?: readonly (readonly [command: string, explanation: string])[];
  /** The kind of operands that shell completion offers. */
  readonly completes?: CompletedThing;
}

/** A description with the function that runs the verb. */
export interface VerbDefinition<F extends Flags> extends VerbDescription<F> {
  readonly run: (call: VerbCall<F>) => Promise<ExitCode>;
  /** For ordinary users: what the verb needs a user namespace for. Absent: it needs none. */
  readonly needsNamespace?: (call: VerbCall<F>) => Promise<NamespaceNeed> | NamespaceNeed;
}

/** `reads-store`: it reads or removes files that steps have made, if there are any. */
export type NamespaceNeed = 'runs-steps' | 'reads-store' | 'none';

export interface VerbCall<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly operands: readonly string[];
  readonly terminal: Terminal;
}

export function formatUsage({ name, operands }: Pick<VerbDefinition<Flags>, 'name' | 'operands'>): string {
  return `usage: mkimage ${name} [flags] ${operands}`.trimEnd();
}
