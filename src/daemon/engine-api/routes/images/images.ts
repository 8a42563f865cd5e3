import type { ImageSummary } from '../../../../api/index.ts';
import { imageHistory } from '../../../../engine/images/history.ts';
import { listImages } from '../../../../engine/images/images.ts';
import { inspectImages } from '../../../../engine/images/inspect.ts';
import { removeImages } from '../../../../engine/images/rmi.ts';
import { tagImage } from '../../../../engine/images/tag.ts';
import { isMkimageError } from '../../../../errors.ts';
import { formatFamiliarName, normalizeName, parseReference } from '../../../../oci/index.ts';
import { readPlatform } from '../../bodies/create-container.ts';
import type { Exchange } from '../../http/exchange.ts';
import { HttpFailure } from '../../http/failure.ts';
import { readBoolean, readFilters } from '../../http/query.ts';
import type { RouteTable } from '../../http/router.ts';
import type { Daemon } from '../../shared.ts';
import { summarizeImages } from './image-rows.ts';

/** Clients look for this text. */
async function orNoSuchImage<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isMkimageError(error, 'not-found')) throw new HttpFailure(404, `No such image: ${nameWithTag(name)}`);
    throw error;
  }
}

function nameWithTag(name: string): string {
  try {
    return formatFamiliarName(parseReference(normalizeName(name)));
  } catch {
    return name;
  }
}

async function list(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, minor } = exchange;
  exchange.sendJson(200, await summarizeImages(services, readFilters(query), minor));
}

/** The first version whose clients do not expect members of older ones. */
const WITHOUT_VIRTUAL_SIZE = 44;

async function inspect(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { minor, query } = exchange;
  const name = exchange.parameters[0]!;
  const platform = readPlatform(query.get('platform')?.startsWith('{') ? '' : (query.get('platform') ?? ''));
  const [details] = await orNoSuchImage(name, inspectImages(services, { images: [name], platform }));
  const { Descriptor: _, ...shown } = details!;
  exchange.sendJson(200, {
    ...shown,
    Parent: '',
    DockerVersion: '',
    GraphDriver: { Name: 'overlay2', Data: null },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    ...(minor < WITHOUT_VIRTUAL_SIZE && { VirtualSize: details!.Size }),
  });
}

async function history(exchange: Exchange, { services }: Daemon): Promise<void> {
  const image = exchange.parameters[0]!;
  const lines = await orNoSuchImage(image, imageHistory(services, { image }));
  const rows = lines.map(({ id, created, createdBy, names, size, comment }) => ({
    Id: id ?? '<missing>',
    Created: secondsOf(created),
    CreatedBy: createdBy,
    Tags: names.length === 0 ? null : names,
    Size: size,
    Comment: comment,
  }));
  exchange.sendJson(200, rows);
}

export function secondsOf(created: ImageSummary['created']): number {
  return created === undefined ? 0 : Math.floor((Date.parse(created) || 0) / 1000);
}

async function tag(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const [repo, label] = [query.get('repo') ?? '', query.get('tag') ?? ''];
  const name = normalizeName(label === '' ? repo : `${repo}:${label}`);
  await orNoSuchImage(parameters[0]!, tagImage(services, { source: parameters[0]!, names: [name] }));
  exchange.response.writeHead(201, { 'Content-Length': 0 }).end();
}

async function remove(exchange: Exchange, { services }: Daemon): Promise<void> {
  const name = exchange.parameters[0]!;
  const force = readBoolean(exchange.query, 'force');
  const { untagged, deleted } = await orNoSuchImage(name, removeImages(services, { images: [name], force }));
  exchange.sendJson(200, [
    ...untagged.map((each) => ({ Untagged: each })),
    ...deleted.map((each) => ({ Deleted: each })),
  ]);
}

/** Images without a name; with the filter `dangling=false` all that no container has. */
async function prune(exchange: Exchange, { services }: Daemon): Promise<void> {
  const filters = readFilters(exchange.query);
  const isAll = (filters.dangling ?? []).some((each) => each === 'false' || each === '0');
  const used = new Set((await listUsed(services)).map(({ ImageID }) => ImageID));
  const images = (await listImages(services, isAll ? {} : { dangling: true })).filter(({ id }) => !used.has(id));
  const doomed = new Set(images.map(({ id }) => id));
  if (doomed.size === 0) return exchange.sendJson(200, { ImagesDeleted: null, SpaceReclaimed: 0 });
  const { untagged, deleted, freed } = await removeImages(services, { images: [...doomed], force: true });
  exchange.sendJson(200, {
    ImagesDeleted: [...untagged.map((each) => ({ Untagged: each })), ...deleted.map((each) => ({ Deleted: each }))],
    SpaceReclaimed: freed?.bytes ?? 0,
  });
}

async function listUsed(services: Daemon['services']) {
  const { listContainers } = await import('../../../../engine/containers/list.ts');
  return listContainers(services, { all: true, filters: {}, size: false });
}

export const IMAGE_ROUTES: RouteTable<Daemon> = {
  'GET /images/json': list,
  'POST /images/prune': prune,
  'GET /images/**/json': inspect,
  'GET /images/**/history': history,
  'POST /images/**/tag': tag,
  'DELETE /images/**': remove,
};
