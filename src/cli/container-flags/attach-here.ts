import type { Services } from '../../engine/services.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { connectTerminal } from './connect-terminal.ts';
import { sendSignalTo, warningCall, writeTo } from './start-here.ts';

export interface AttachHere {
  readonly container: string;
  readonly hasInput: boolean;
  readonly detachKeys: string | undefined;
  readonly proxiesSignals: boolean;
}

/** Connects a running container to this terminal until it ends or the user detaches. Returns its exit code. */
export async function attachHere(
  services: Services,
  { container, hasInput, detachKeys, proxiesSignals }: AttachHere,
  terminal: Terminal,
): Promise<ExitCode> {
  const { followContainer } = await import('../../engine/containers/attach/follow.ts');
  const listener = (stream: string, bytes: Uint8Array) =>
    writeTo(stream === 'stderr' ? terminal.stderr : terminal.stdout, bytes);
  const followed = await followContainer(services, { container, listener, hasInput }, warningCall(terminal));
  const { isTty, input } = followed;
  const { rows, columns } = terminal.stdout;
  // A program draws its screen again only if the size changes, and it may be that of the last client.
  if (isTty && rows !== undefined && columns !== undefined) followed.resize({ rows: rows + 1, columns });
  const connection = connectTerminal(terminal, {
    input,
    isTty,
    detachKeys,
    resize: followed.resize,
    signal: (name) => void sendSignalTo(services, followed.id, name),
    proxiesSignals: proxiesSignals && !isTty,
  });
  const code = await Promise.race([followed.exited, connection.detached]);
  connection.close();
  if (code === undefined) followed.release();
  return code ?? EXIT_CODE.done;
}
