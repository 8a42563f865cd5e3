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

function currentPace(): Pace {
  return { rate: limits().FETCH_RATE, window: 60, time: limits().FETCH_SECONDS };
}

/** The same bytes, unless they come too slowly. Fails with `limit`. `what` begins the message. */
export function paced(body: Readable, what: string, pace: Pace = currentPace()): Readable {
  const stream = Readable.from(watched(body, what, pace), { objectMode: false });
  stream.once('close', () => body.on('error', () => {}).destroy());
  return stream;
}

async function* watched(body: Readable, what: string, { rate, window, time }: Pace): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let waited = 0;
  let begun = 0;
  let size = 0;
  for (;;) {
    const asked = performance.now();
    const next = await source.next();
    waited += (performance.now() - asked) / 1000;
    if (next.done === true) return;
    size += next.value.length;
    if (waited > time) throw limitError('FETCH_SECONDS', `${what}: it took more than ${time} seconds`);
    if (waited - begun >= window) {
      const found = Math.floor(size / (waited - begun));
      if (found < rate) throw limitError('FETCH_RATE', `${what}: only ${found} bytes a second came (limit ${rate})`);
      begun = waited;
      size = 0;
    }
    yield next.value;
  }
}
