import type { ContainerSettings } from '../../api/index.ts';
import type { Services } from '../../engine/services.ts';
import type { Call } from '../../progress.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Output, Terminal } from '../terminal.ts';
import { connectTerminal } from './connect-terminal.ts';

/** A call that shows warnings on standard error. */
export function warningCall(terminal: Terminal): Call {
  return createEngineCall(terminal, {
    report: (event) => {
      if (event.type === 'warning') terminal.stderr.write(`WARNING: ${event.message}\n`);
    },
  });
}

export interface DetachedRun {
  readonly id: string;
  readonly isRemoved: boolean;
}

/** Starts a new container in the background. One that cannot be started is removed again with `--rm`. */
export async function startDetached(
  services: Services,
  { id, isRemoved }: DetachedRun,
  terminal: Terminal,
): Promise<void> {
  const { startContainer } = await import('../../engine/containers/start.ts');
  try {
    await startContainer(services, id, warningCall(terminal));
  } catch (error) {
    if (isRemoved) await removeQuietly(services, id);
    throw error;
  }
}

export interface AttachedRun {
  readonly id: string;
  readonly settings: Pick<ContainerSettings, 'Tty' | 'OpenStdin' | 'AttachStdin' | 'AttachStdout' | 'AttachStderr'>;
  readonly isRemoved: boolean;
  readonly detachKeys: string | undefined;
  readonly proxiesSignals: boolean;
}

/** Starts a container and connects it to this terminal until it ends or the user detaches. Returns its exit code. */
export async function runAttached(services: Services, run: AttachedRun, terminal: Terminal): Promise<ExitCode> {
  const { id, settings, isRemoved, proxiesSignals } = run;
  const { startAttached } = await import('../../engine/containers/start.ts');
  const hasInput = settings.OpenStdin === true && settings.AttachStdin !== false;
  const listener = (stream: string, bytes: Buffer) => {
    const isWanted = stream === 'stderr' ? settings.AttachStderr !== false : settings.AttachStdout !== false;
    return isWanted ? writeTo(stream === 'stderr' ? terminal.stderr : terminal.stdout, bytes) : undefined;
  };
  try {
    const attached = await startAttached(services, { container: id, listener, hasInput }, warningCall(terminal));
    const connection = connectTerminal(terminal, {
      input: hasInput ? attached.input : undefined,
      isTty: settings.Tty === true,
      detachKeys: run.detachKeys,
      resize: (size) => attached.resize(size),
      signal: (name) => void sendSignalTo(services, id, name),
      proxiesSignals: proxiesSignals && settings.Tty !== true,
    });
    const ended = await Promise.race([attached.exited, connection.detached]);
    connection.close();
    if (ended !== undefined) return ended.exitCode;
    await attached.release();
    return EXIT_CODE.done;
  } catch (error) {
    if (isRemoved) await removeQuietly(services, id);
    throw error;
  }
}

/** Writes output, and waits while the reader is slow. */
export function writeTo(output: Output, bytes: Uint8Array): Promise<void> | undefined {
  let written: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    written = resolve;
  });
  return output.write(bytes, () => written()) ? undefined : done;
}

export async function sendSignalTo(services: Services, id: string, signal: string): Promise<void> {
  const { killContainer } = await import('../../engine/containers/control.ts');
  await killContainer(services, { container: id, signal }).catch(() => {}); // it has ended
}

async function removeQuietly(services: Services, id: string): Promise<void> {
  const { removeContainer } = await import('../../engine/containers/remove.ts');
  await removeContainer(services, { container: id, force: true, volumes: true }).catch(() => {});
}
