import { build } from '../../../engine/build/build.ts';
import { pruneStore } from '../../../engine/state/prune.ts';
import { isMkimageError } from '../../../errors.ts';
import { formatFamiliarName, parseReference } from '../../../oci/index.ts';
import type { ProgressEvent } from '../../../progress.ts';
import { readBuildRequest } from '../bodies/build.ts';
import { callOf } from '../http/call.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure, messageOf } from '../http/failure.ts';
import { LineReply } from '../http/lines.ts';
import { readBoolean, readFilters, readInteger } from '../http/query.ts';
import { readRegistryConfig } from '../http/registry-auth.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';
import { buildWithSession } from './buildkit.ts';

async function startBuild(exchange: Exchange, daemon: Daemon): Promise<void> {
  return exchange.query.get('version') === '2' ? buildWithSession(exchange, daemon) : buildBody(exchange, daemon);
}

/** The context is the body. Clients read the lines, and find the image by the last ones. */
async function buildBody(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, request } = exchange;
  const asked = readBuildRequest(query);
  const isQuiet = readBoolean(query, 'q');
  const reply = new LineReply(exchange);
  const report = (event: ProgressEvent) => {
    const stream = isQuiet ? undefined : describeEvent(event);
    if (stream !== undefined) void reply.send({ stream });
  };
  const findCredentials = readRegistryConfig(request);
  const call = { ...callOf(exchange), report, stdin: () => request, findCredentials };
  await reply.run(async () => {
    try {
      const { id, names } = await build(services, asked, call);
      if (isQuiet) return void (await reply.send({ stream: `${id}\n` }));
      await reply.send({ aux: { ID: id } });
      await reply.send({ stream: `Successfully built ${id.slice('sha256:'.length, 19)}\n` });
      for (const name of names)
        await reply.send({ stream: `Successfully tagged ${formatFamiliarName(parseReference(name))}\n` });
    } catch (error) {
      const code = isMkimageError(error, 'step-failed') ? error.evidence?.exitCode : undefined;
      if (code === undefined) throw error;
      const message = messageOf(error);
      await reply.send({ errorDetail: { code, message }, error: message });
    }
  });
}

function describeEvent(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'step-started':
      return `${event.name}\n`;
    case 'step-cached':
      return `${event.name}\n ---> Using cache\n`;
    case 'step-output':
      return event.text;
    case 'warning':
      return `[Warning] ${event.message}\n`;
    default:
      return undefined;
  }
}

async function prune(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query } = exchange;
  const { until, ...filters } = readFilters(query);
  if (Object.keys(filters).length > 0 || until !== undefined)
    throw new HttpFailure(501, 'filters of build/prune are not supported by this daemon');
  const keepStorage = readInteger(query, 'keep-storage');
  const all = readBoolean(query, 'all');
  const result = await pruneStore(services, { all, ...(keepStorage ? { keepStorage } : { types: ['regular'] }) });
  exchange.sendJson(200, { CachesDeleted: result.objects, SpaceReclaimed: result.bytes });
}

export const BUILD_ROUTES: RouteTable<Daemon> = {
  'POST /build': startBuild,
  'POST /build/prune': prune,
};
