import { MkimageError } from '../errors.ts';
import { EXIT_CODE } from './exit-code.ts';

/** A signal that fires at the first SIGINT, SIGTERM or SIGHUP; the second ends the process at once. */
export function interruptSignal(): AbortSignal {
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
 * Lets a reader of our output go away (`mkimage images | head -1`): what can no longer be written is dropped. Any other reason
 * is told at the end, by the function that is returned.
 */
export function ignoreClosedPipes(): () => MkimageError | undefined {
  let failure: MkimageError | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') return;
      failure ??= new MkimageError('store', `write the output: ${error.message}`, { cause: error });
    });
  }
  return () => failure;
}
