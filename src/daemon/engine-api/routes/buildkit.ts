/** Builds with BuildKit by docker 20.10. Newer clients speak BuildKit's own protocol on the same socket. */
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/router.ts';
import { writeAll } from '../http/write-all.ts';
import type { Daemon } from '../shared.ts';

/** `POST /build?version=2`. */
export async function buildWithSession(
  { request, response, query, signal }: Exchange,
  { buildkit }: Daemon,
): Promise<void> {
  response.setHeader('Content-Type', 'application/json');
  const send = (line: object) => writeAll(response, `${JSON.stringify(line)}\r\n`, signal);
  await buildkit.buildClassic({ query, body: request }, { signal, send });
  response.end();
}

export const BUILDKIT_ROUTES: RouteTable<Daemon> = {
  'POST /build/cancel': async (exchange, { buildkit }) => {
    buildkit.cancelClassic(exchange.query.get('id') ?? '');
    exchange.sendEmpty(200);
  },
};
