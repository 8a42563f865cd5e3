import { isMkimageError } from '../../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

/** The exit code if mkimage failed, and not the container. */
const TOOL_FAILED = 125;

/** Runs a verb whose exit code is that of a container: a failure of mkimage is 125, a program that cannot be started 126 or 127. */
export async function failWith(terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const { printError } = await import('../text/print-error.ts');
    await printError(error, terminal, { debug: terminal.debugLog !== undefined });
    const code = isMkimageError(error, 'step-failed') ? error.evidence?.exitCode : undefined;
    return code === 126 || code === 127 ? code : TOOL_FAILED;
  }
}
