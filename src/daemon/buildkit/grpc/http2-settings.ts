import type { Http2Session, SessionOptions } from 'node:http2';

/** Bytes that the other side may send before it is told that they were read. The default of 64 KiB makes transfers slow. */
const WINDOW = 4 * 1024 * 1024;

export const HTTP2_OPTIONS = {
  settings: {
    initialWindowSize: WINDOW,
    maxConcurrentStreams: 1000,
    enablePush: false,
    maxHeaderListSize: 1024 * 1024,
  },
  // MB. The default of 10 breaks connections on which a few messages of the largest size are under way.
  maxSessionMemory: 100,
} as const satisfies SessionOptions;

/** The setting above is for each stream; this is for all of them together. */
export function widenWindow(session: Http2Session): void {
  // `connect` is also emitted for a session whose owner has destroyed it in the meantime.
  if (!session.destroyed) session.setLocalWindowSize(2 * WINDOW);
}
