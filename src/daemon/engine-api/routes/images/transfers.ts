import type { PushedLayer } from '../../../../api/index.ts';
import { importImage } from '../../../../engine/containers/images/import.ts';
import { loadImages } from '../../../../engine/images/load.ts';
import { pullImage } from '../../../../engine/images/pull.ts';
import { pushImage } from '../../../../engine/images/push.ts';
import { saveImages } from '../../../../engine/images/save.ts';
import { findImage } from '../../../../engine/images/stored-images.ts';
import { readOrUndefined } from '../../../../errors.ts';
import { formatFamiliarName, formatReference, normalizeName, parseReference } from '../../../../oci/index.ts';
import type { ProgressEvent } from '../../../../progress.ts';
import { readPlatform } from '../../bodies/create-container.ts';
import { callOf } from '../../http/call.ts';
import type { Exchange } from '../../http/exchange.ts';
import { HttpFailure } from '../../http/failure.ts';
import { LineReply } from '../../http/lines.ts';
import { withClientCredentials } from '../../http/registry-auth.ts';
import type { RouteTable } from '../../http/router.ts';
import type { Daemon } from '../../shared.ts';

async function create(exchange: Exchange, daemon: Daemon): Promise<void> {
  const { query } = exchange;
  const image = query.get('fromImage') ?? '';
  if (image !== '') return pull(exchange, daemon, joinName(image, query.get('tag') ?? ''));
  if (query.get('fromSrc') === '-') return importBody(exchange, daemon);
  throw new HttpFailure(
    query.has('fromSrc') ? 501 : 400,
    'create image: only `fromImage` and `fromSrc=-` are supported',
  );
}

/** The tag may be a digest. */
function joinName(image: string, tag: string): string {
  if (tag === '') return image;
  return tag.includes(':') ? `${image}@${tag}` : `${image}:${tag}`;
}

async function pull(exchange: Exchange, daemon: Daemon, name: string): Promise<void> {
  if (name === 'scratch' || name.startsWith('scratch:')) throw new HttpFailure(403, "'scratch' is a reserved name");
  const reference = parseReference(normalizeName(name));
  const services = withClientCredentials(daemon.services, exchange.request);
  const reply = new LineReply(exchange);
  const before = readOrUndefined(() => findImage(services, name), 'not-found')?.entries[0].target.digest;
  const platform = readPlatform(exchange.query.get('platform') ?? '');
  await reply.run(async () => {
    const progress = new LayerProgress(reply, 'Downloading', 'Pull complete');
    const begin = { status: `Pulling from ${reference.repository}`, id: reference.tag ?? reference.digest ?? 'latest' };
    const report = (event: ProgressEvent) => {
      if (event.type !== 'step-progress') return;
      progress.begin(begin);
      progress.report(event);
    };
    await pullImage(services, { image: name, platform }, { ...callOf(exchange), report });
    progress.begin(begin);
    const { target } = findImage(services, name).entries[0];
    await reply.send({ status: `Digest: ${target.digest}` });
    const change = before === target.digest ? 'Image is up to date' : 'Downloaded newer image';
    await reply.send({ status: `Status: ${change} for ${formatFamiliarName(reference)}` });
  });
}

/** Progress of blobs, as one line of a terminal each. */
class LayerProgress {
  readonly #reply: LineReply;
  readonly #doing: string;
  readonly #done: string;
  #hasBegun = false;

  constructor(reply: LineReply, doing: string, done: string) {
    this.#reply = reply;
    this.#doing = doing;
    this.#done = done;
  }

  begin(line: object): void {
    if (!this.#hasBegun) void this.#reply.send(line);
    this.#hasBegun = true;
  }

  report({ item, current, total, done }: Extract<ProgressEvent, { type: 'step-progress' }>): void {
    const id = (item.startsWith('sha256:') ? item.slice('sha256:'.length) : item).slice(0, 12);
    const progressDetail = done ? {} : { current, ...(total !== undefined && { total }) };
    void this.#reply.send({ status: done ? this.#done : this.#doing, progressDetail, id });
  }
}

async function importBody(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, request } = exchange;
  const repo = query.get('repo') ?? '';
  const asked = {
    reference: repo === '' ? undefined : normalizeName(joinName(repo, query.get('tag') ?? '')),
    message: query.get('message') || undefined,
    changes: query.getAll('changes'),
    platform: readPlatform(query.get('platform') ?? ''),
    source: '-',
  };
  const reply = new LineReply(exchange);
  await reply.run(async () => {
    const { id } = await importImage(services, { ...asked, tar: request }, callOf(exchange));
    await reply.send({ status: id });
  });
}

async function push(exchange: Exchange, daemon: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const tag = query.get('tag') ?? '';
  const name = joinName(parameters[0]!, tag);
  const { tag: _, ...repository } = parseReference(normalizeName(name));
  const services = withClientCredentials(daemon.services, exchange.request);
  const reply = new LineReply(exchange);
  await reply.run(async () => {
    const progress = new LayerProgress(reply, 'Pushing', 'Pushed');
    progress.begin({ status: `The push refers to repository [${formatReference(repository)}]` });
    const report = (event: ProgressEvent) => {
      if (event.type === 'step-progress') progress.report(event);
    };
    const allTags = tag === '' && !parameters[0]!.includes('@');
    const request = { image: name, allTags, platform: undefined, insecure: false };
    const result = await pushImage(services, request, { ...callOf(exchange), report });
    for (const layer of result.layers)
      await reply.send({ status: describePlacement(layer), id: layer.digest.slice(7, 19) });
    for (const { tag: pushed, descriptor } of result.tags) {
      const { digest, size } = descriptor;
      await reply.send({ status: `${pushed}: digest: ${digest} size: ${size}` });
      await reply.send({ progressDetail: {}, aux: { Tag: pushed, Digest: digest, Size: size } });
    }
  });
}

function describePlacement({ placement, mountedFrom }: PushedLayer): string {
  if (placement === 'mounted') return `Mounted from ${mountedFrom}`;
  return placement === 'present' ? 'Layer already exists' : 'Pushed';
}

async function load(exchange: Exchange, { services }: Daemon): Promise<void> {
  const reply = new LineReply(exchange);
  await reply.run(async () => {
    const call = { ...callOf(exchange), stdin: () => exchange.request };
    const loaded = await loadImages(services, { input: { kind: 'stdin' } }, call);
    for (const { names, id } of loaded) {
      const familiar = names.map((name) => `Loaded image: ${formatFamiliarName(parseReference(name))}`);
      for (const line of familiar.length === 0 ? [`Loaded image ID: ${id}`] : familiar)
        await reply.send({ stream: `${line}\n` });
    }
  });
}

/** An image that is missing is an error with a status, so all are looked for before the first byte. */
async function save(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const images = parameters.length > 0 ? parameters : query.getAll('names').flatMap((each) => each.split(','));
  if (images.length === 0) throw new HttpFailure(400, 'no image is named');
  for (const image of images)
    if (readOrUndefined(() => findImage(services, image)) === undefined)
      throw new HttpFailure(404, `No such image: ${image}`);
  const output = exchange.startStream('application/x-tar');
  await saveImages(services, { images, dest: '-' }, { ...callOf(exchange), stdout: () => output });
  output.end();
}

export const TRANSFER_ROUTES: RouteTable<Daemon> = {
  'POST /images/create': create,
  'POST /images/load': load,
  'GET /images/get': save,
  'GET /images/**/get': save,
  'POST /images/**/push': push,
};
