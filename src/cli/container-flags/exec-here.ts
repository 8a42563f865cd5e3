import type { CreateExecRequest } from '../../api/index.ts';
import type { Services } from '../../engine/services.ts';
import { isMkimageError } from '../../errors.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { connectTerminal } from './connect-terminal.ts';
import { warningCall, writeTo } from './start-here.ts';

/** Runs a command in a container, connected to this terminal. Returns its exit code. */
export async function execHere(
  services: Services,
  { container, settings }: CreateExecRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  const { createExec, startExec } = await import('../../engine/containers/exec.ts');
  const id = await createExec(services, { container, settings });
  const listener = (stream: string, bytes: Buffer) =>
    writeTo(stream === 'stderr' ? terminal.stderr : terminal.stdout, bytes);
  try {
    const running = await startExec(services, { id, listener }, warningCall(terminal));
    const connection = connectTerminal(terminal, {
      input: settings.AttachStdin === true ? running.input : undefined,
      isTty: settings.Tty === true,
      detachKeys: settings.DetachKeys,
      resize: running.resize,
      signal: (name) => running.kill(name),
      // Nobody would read the output of a command that goes on without us.
      proxiesSignals: settings.Tty !== true,
    });
    const code = await Promise.race([running.exited, connection.detached]);
    connection.close();
    return code ?? EXIT_CODE.done;
  } catch (error) {
    return await reportFailure(error, terminal);
  }
}

export async function execDetached(services: Services, request: CreateExecRequest, terminal: Terminal): Promise<void> {
  const { createExec, startDetachedExec } = await import('../../engine/containers/exec.ts');
  const id = await createExec(services, request);
  await startDetachedExec(services, id, warningCall(terminal));
}

/** 126 and 127 are those of a program that cannot be started. */
async function reportFailure(error: unknown, terminal: Terminal): Promise<ExitCode> {
  const code = isMkimageError(error, 'step-failed') ? error.evidence?.exitCode : undefined;
  if (code !== 126 && code !== 127) throw error;
  const { printError } = await import('../text/print-error.ts');
  await printError(error, terminal, { debug: terminal.debugLog !== undefined });
  return code;
}
