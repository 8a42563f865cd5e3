import type { PathStat } from '../../../api/index.ts';
import { getArchive, putArchive, statArchive } from '../../../engine/containers/archive/archive.ts';
import { commitContainer } from '../../../engine/containers/images/commit.ts';
import { diffContainer, exportContainer } from '../../../engine/containers/images/diff.ts';
import { normalizeName } from '../../../oci/index.ts';
import { callOf } from '../http/call.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import { readBoolean } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import { writeAll } from '../http/write-all.ts';
import type { Daemon } from '../shared.ts';

const STAT_HEADER = 'X-Docker-Container-Path-Stat';

function readPlace({ parameters, query }: Exchange) {
  const path = query.get('path') ?? '';
  if (path === '') throw new HttpFailure(400, 'missing parameter: path');
  return { container: parameters[0]!, path };
}

function encodeStat(stat: PathStat): string {
  return Buffer.from(JSON.stringify(stat)).toString('base64');
}

async function stat(exchange: Exchange, { services }: Daemon): Promise<void> {
  const found = await statArchive(services, readPlace(exchange), callOf(exchange));
  exchange.response.writeHead(200, { [STAT_HEADER]: encodeStat(found) }).end();
}

async function get(exchange: Exchange, { services }: Daemon): Promise<void> {
  const send = async ({ stat: found, tar }: { readonly stat: PathStat; readonly tar: AsyncIterable<Buffer> }) => {
    exchange.response.setHeader(STAT_HEADER, encodeStat(found));
    await sendTar(exchange, tar);
  };
  await getArchive(services, { ...readPlace(exchange), use: send }, callOf(exchange));
}

async function sendTar(exchange: Exchange, tar: AsyncIterable<Buffer>): Promise<void> {
  const output = exchange.startStream('application/x-tar');
  for await (const chunk of tar) await writeAll(output, chunk, exchange.signal);
  output.end();
}

async function put(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, request } = exchange;
  const asked = {
    ...readPlace(exchange),
    keepsKinds: readBoolean(query, 'noOverwriteDirNonDir'),
    ownedByUser: readBoolean(query, 'copyUIDGID'),
  };
  await putArchive(services, { ...asked, tar: request }, callOf(exchange));
  exchange.sendEmpty(200);
}

async function diff(exchange: Exchange, { services }: Daemon): Promise<void> {
  const changes = await diffContainer(services, { container: exchange.parameters[0]! }, callOf(exchange));
  exchange.sendJson(200, changes.length === 0 ? null : changes);
}

async function exportTar(exchange: Exchange, { services }: Daemon): Promise<void> {
  const request = { container: exchange.parameters[0]!, use: (tar: AsyncIterable<Buffer>) => sendTar(exchange, tar) };
  await exportContainer(services, request, callOf(exchange));
}

async function commit(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query } = exchange;
  const [repo, tag] = [query.get('repo') ?? '', query.get('tag') ?? ''];
  const request = {
    container: query.get('container') ?? '',
    reference: repo === '' ? undefined : normalizeName(tag === '' ? repo : `${repo}:${tag}`),
    author: query.get('author') || undefined,
    message: query.get('comment') || undefined,
    changes: query
      .getAll('changes')
      .flatMap((each) => each.split('\n'))
      .filter((each) => each !== ''),
  };
  const { id } = await commitContainer(services, request, callOf(exchange));
  exchange.sendJson(201, { Id: id });
}

export const ARCHIVE_ROUTES: RouteTable<Daemon> = {
  'HEAD /containers/*/archive': stat,
  'GET /containers/*/archive': get,
  'PUT /containers/*/archive': put,
  'GET /containers/*/changes': diff,
  'GET /containers/*/export': exportTar,
  'POST /commit': commit,
};
