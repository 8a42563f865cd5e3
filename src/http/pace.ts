import { Readable } from 'node:stream';
import { createLimitError, getLimits } from '../limits.ts';

/** How slow a network read may be. Only the time spent waiting for the server counts. */
export interface Pace {
  /** Least bytes per second, measured over `window` seconds. */
  readonly rate: number;
  readonly window: number;
  /** Most seconds for one answer. */
  readonly time: number;
}

export interface PaceOptions {
  /** First part of error messages. */
  readonly what: string;
  readonly pace?: Pace;
  /** Most bytes; default: MKIMAGE_LIMIT_FETCH_BYTES. */
  readonly mostBytes?: number;
  /** Converts an error of `body` into the error that the reader gets. */
  readonly faultOf?: (error: unknown) => Error;
  /** Called at the end with the number of bytes that came. */
  readonly ended?: ((bytes: number) => void) | undefined;
}

function currentPace(): Pace {
  return { rate: getLimits().FETCH_RATE, window: 60, time: getLimits().FETCH_SECONDS };
}

/**
 * Returns a stream of the same bytes that fails with `limit` if they are too many or too slow. The stream owns `body`: it reports
 * its errors to the reader, and destroys it when it is destroyed.
 */
export function limitPace(body: Readable, options: PaceOptions): Readable {
  const next = createReader(body, options);
  const { faultOf = (error: unknown) => error as Error, ended } = options;
  let size = 0;
  body.on('error', () => {}); // `next` reports the error
  const stream = new Readable({
    read: () => {
      next().then(
        (chunk) => {
          size += chunk?.length ?? 0;
          stream.push(chunk);
        },
        (error: unknown) => stream.destroy(faultOf(error)),
      );
    },
    destroy: (error, done) => {
      body.destroy();
      ended?.(size);
      done(error);
    },
  });
  return stream.on('error', () => {}); // a reader gets the error; without a reader it must not crash the process
}

/** Returns a function that reads the next chunk; null at the end. */
function createReader(body: Readable, { what, pace = currentPace(), mostBytes }: PaceOptions) {
  const { rate, window, time } = pace;
  const most = mostBytes ?? getLimits().FETCH_BYTES;
  let source: AsyncIterator<Uint8Array> | undefined;
  let [waited, begun, fresh, size] = [0, 0, 0, 0];
  return async (): Promise<Uint8Array | null> => {
    source ??= body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const asked = performance.now();
    const next = await source.next();
    waited += (performance.now() - asked) / 1000;
    if (next.done === true) return null;
    fresh += next.value.length;
    size += next.value.length;
    if (size > most) throw createLimitError('FETCH_BYTES', `${what}: it has more than ${most} bytes`);
    if (waited > time) throw createLimitError('FETCH_SECONDS', `${what}: it took more than ${time} seconds`);
    if (waited - begun >= window) {
      const found = Math.floor(fresh / (waited - begun));
      if (found < rate)
        throw createLimitError('FETCH_RATE', `${what}: only ${found} bytes a second came (limit ${rate})`);
      [begun, fresh] = [waited, 0];
    }
    return next.value;
  };
}
