import type { CompletedThing, Flags, FlagValues } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What a verb takes, and what help, completion and manual say of it. */
export interface VerbDescription<F extends Flags = Flags> {
  readonly name: string;
  readonly summary: string;
  /** As help shows them: `<image> [<image>…]`. */
  readonly operands: string;
  readonly least: number;
  readonly most: number;
  readonly flags: F;
  readonly examples?: readonly (readonly [command: string, explanation: string])[];
  /** What a shell may offer as operands. */
  readonly completes?: CompletedThing;
}

/** The description, and what the verb does. */
export interface VerbDefinition<F extends Flags> extends VerbDescription<F> {
  readonly run: (call: {
    readonly flags: FlagValues<F>;
    readonly operands: readonly string[];
    readonly terminal: Terminal;
  }) => Promise<ExitCode>;
}

export function usageLine({ name, operands }: Pick<VerbDefinition<Flags>, 'name' | 'operands'>): string {
  return `usage: mkimage ${name} [flags] ${operands}`.trimEnd();
}
