import type { Socket } from 'node:net';

const LOOK_AGAIN = 10;

/**
 * A server that closes while its body waits to be read makes undici 7 fail an assertion where nobody can catch it (mended in 8,
 * which does not run on Node 20). Such an end is told when the reader has taken up again what waits.
 */
export function holdEnd(socket: Socket): void {
  const emit = socket.emit;
  // Else the stream destroys itself at its end, and undici does not go on with a socket that is destroyed.
  socket.allowHalfOpen = true;
  const tell = (end: unknown[]): void => {
    if (socket.destroyed) return;
    if (isWaiting(socket)) setTimeout(tell, LOOK_AGAIN, end);
    else Reflect.apply(emit, socket, ['end', ...end]);
  };
  socket.emit = ((event: string | symbol, ...values: unknown[]) => {
    if (event !== 'end' || !isWaiting(socket)) return Reflect.apply(emit, socket, [event, ...values]);
    tell(values);
    return true;
  }) as Socket['emit'];
}

/** undici keeps its parser at the socket, under a symbol of its own. */
function isWaiting(socket: Socket): boolean {
  const key = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'parser');
  const parser = key && (socket as unknown as Record<symbol, { readonly paused?: boolean } | null>)[key];
  return parser?.paused === true;
}
