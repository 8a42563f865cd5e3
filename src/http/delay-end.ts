import type { Socket } from 'node:net';

const RECHECK_MS = 10;

/**
 * Works around a fault of undici 7: if a server closes the connection while the body is paused, an assertion fails and cannot be
 * caught. (undici 8 fixes it, but does not run on Node 20.) The `end` event is delayed until the body is read again.
 */
export function delayEnd(socket: Socket): void {
  const emit = socket.emit;
  // Otherwise the stream destroys itself at its end, and undici stops reading from a destroyed socket.
  socket.allowHalfOpen = true;
  const tell = (end: unknown[]): void => {
    if (socket.destroyed) return;
    if (isWaiting(socket)) setTimeout(tell, RECHECK_MS, end);
    else Reflect.apply(emit, socket, ['end', ...end]);
  };
  socket.emit = ((event: string | symbol, ...values: unknown[]) => {
    if (event !== 'end' || !isWaiting(socket)) return Reflect.apply(emit, socket, [event, ...values]);
    tell(values);
    return true;
  }) as Socket['emit'];
}

/** undici stores its parser in a property of the socket, under a private symbol. */
function isWaiting(socket: Socket): boolean {
  const key = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'parser');
  const parser = key && (socket as unknown as Record<symbol, { readonly paused?: boolean } | null>)[key];
  return parser?.paused === true;
}
