import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

/** Does the same with each name and prints it. A failure is reported, and the others are still done; then the exit code is 1. */
export async function doEach(
  names: readonly string[],
  terminal: Terminal,
  work: (name: string) => Promise<unknown>,
): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODE.done;
  for (const name of names) {
    try {
      const shown = await work(name);
      terminal.stdout.write(`${typeof shown === 'string' ? shown : name}\n`);
    } catch (error) {
      const { printError } = await import('../text/print-error.ts');
      await printError(error, terminal, { debug: false });
      code = EXIT_CODE.internal;
    }
  }
  return code;
}
