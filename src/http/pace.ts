import { Readable } from 'node:stream';
import { limitError, limits } from '../limits.ts';

/** How slow a network read may be; only time spent waiting for the other side counts. */
export interface Pace {
  /** Least bytes a second, taken over `window` seconds. */
  readonly rate: number;
  readonly window: number;
  /** Most seconds for one answer. */
  readonly time: number;
}

export interface PaceOptions {
  /** Begins messages. */
  readonly what: string;
  readonly pace?: Pace;
  /** Most bytes; MKIMAGE_LIMIT_FETCH_BYTES unless told. */
  readonly mostBytes?: number;
  /** What a failure of `body` is called by those who read. */
  readonly faultOf?: (error: unknown) => Error;
  /** Told how many bytes came, when no more will. */
  readonly ended?: ((bytes: number) => void) | undefined;
}

function currentPace(): Pace {
  return { rate: limits().FETCH_RATE, window: 60, time: limits().FETCH_SECONDS };
}

/**
 * The same bytes, unless they come too slowly or are too many: fails with `limit`. Owns `body` from now on: whatever becomes of
 * that is told to who reads, or to nobody if nobody does; destroying the stream lets go of it at once.
 */
export function paced(body: Readable, options: PaceOptions): Readable {
  const next = watch(body, options);
  const { faultOf = (error: unknown) => error as Error, ended } = options;
  let size = 0;
  body.on('error', () => {}); // told by `next`
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
  return stream.on('error', () => {}); // reading it fails; that nobody reads is no crash
}

/** Gives the next chunk, null at the end. */
function watch(body: Readable, { what, pace = currentPace(), mostBytes }: PaceOptions) {
  const { rate, window, time } = pace;
  const most = mostBytes ?? limits().FETCH_BYTES;
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
    if (size > most) throw limitError('FETCH_BYTES', `${what}: it has more than ${most} bytes`);
    if (waited > time) throw limitError('FETCH_SECONDS', `${what}: it took more than ${time} seconds`);
    if (waited - begun >= window) {
      const found = Math.floor(fresh / (waited - begun));
      if (found < rate) throw limitError('FETCH_RATE', `${what}: only ${found} bytes a second came (limit ${rate})`);
      [begun, fresh] = [waited, 0];
    }
    return next.value;
  };
}
