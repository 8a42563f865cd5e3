import { MkimageError } from '../errors.ts';
import { EXIT_CODE } from './exit-code.ts';

/** Creates a signal that aborts on the first SIGINT, SIGTERM or SIGHUP. The second one ends the process immediately. */
export function createInterruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
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
