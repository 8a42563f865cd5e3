import { setMaxListeners } from 'node:events';
import { MkimageError } from '../errors.ts';
import { EXIT_CODE } from './exit-code.ts';

/** Creates a signal that aborts on the first SIGINT, SIGTERM or SIGHUP. The second one ends the process immediately. */
export function createInterruptSignal(): AbortSignal {
  const controller = new AbortController();
  // Every step that runs waits for it.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (listener !== undefined) return;
      if (controller.signal.aborted) process.exit(EXIT_CODE.cancelled);
      controller.abort(new MkimageError('cancelled', `cancelled by ${name}`));
    });
  }
  return controller.signal;
}

/**
 * Ignores write errors after the reader has closed the pipe (`mkimage images | head -1`). The returned function gives the
 * first other write error, if there was one.
 */
export function ignoreClosedPipes(): () => MkimageError | undefined {
  let failure: MkimageError | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') return;
      failure ??= new MkimageError('store', `write output: ${error.message}`, { cause: error });
    });
  }
  return () => failure;
}

/** Signals that a container may get from the command that runs it. */
const PROXIED: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
];

let listener: ((signal: NodeJS.Signals) => void) | undefined;

/** Sends signals to a listener, and not to the command, until the returned function is called. */
export function takeSignals(to: (signal: NodeJS.Signals) => void): () => void {
  listener = to;
  const handlers = PROXIED.map((name) => [name, () => to(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    listener = undefined;
    for (const [name, handler] of handlers) process.removeListener(name, handler);
  };
}
