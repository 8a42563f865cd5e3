import type { BuildRequest } from '../../../api/index.ts';
import { readContext, readExtraHost, readTag, readUlimit } from '../../../docker-syntax/index.ts';
import { HttpFailure } from '../http/failure.ts';
import { parseJson, readBoolean, readInteger } from '../http/query.ts';
import { readPlatform } from './create-container.ts';
import { takeMembers } from './shape.ts';

/** Reads the query of `POST /build`. Throws 400 for what cannot be done: nothing is ignored silently. */
export function readBuildRequest(query: URLSearchParams): BuildRequest {
  if (readBoolean(query, 'squash')) throw new HttpFailure(501, 'squash is not supported by this daemon');
  const platform = readPlatform(query.get('platform') ?? '');
  const network = query.get('networkmode') || 'default';
  if (!isNetwork(network)) throw new HttpFailure(501, `network mode ${network} is not supported in builds`);
  return {
    ...NOTHING,
    context: readRemote(query.get('remote') ?? ''),
    file: { kind: 'path', path: readDockerfile(query.get('dockerfile') || 'Dockerfile') },
    tags: query
      .getAll('t')
      .filter((each) => each !== '')
      .map(readTag),
    target: query.get('target') || undefined,
    buildArgs: readTexts(query, 'buildargs'),
    labels: readTexts(query, 'labels'),
    platforms: platform === undefined ? [] : [platform],
    noCache: readBoolean(query, 'nocache'),
    pull: readBoolean(query, 'pull'),
    network,
    extraHosts: query
      .getAll('extrahosts')
      .filter((each) => each !== '')
      .map(readExtraHost),
    shmSize: readInteger(query, 'shmsize') || undefined,
    ulimits: readUlimits(query),
  };
}

const NOTHING = {
  annotations: [],
  namedContexts: {},
  secrets: [],
  ssh: [],
  outputs: [],
  part: false,
  cacheFrom: [],
  cacheTo: [],
  expectCached: undefined,
  noCacheFilter: [],
  allow: [],
  skipsPolicy: false,
  isolation: undefined,
} satisfies Partial<BuildRequest>;

function isNetwork(text: string): text is 'default' | 'none' | 'host' {
  return text === 'default' || text === 'none' || text === 'host';
}

/** A directory would be one of the daemon. */
function readRemote(remote: string): BuildRequest['context'] {
  if (remote === '') return { kind: 'stdin' };
  const context = readContext(remote);
  if (context.kind === 'git' || context.kind === 'http') return context;
  throw new HttpFailure(400, 'invalid remote: expected a URL of a repository or a file');
}

/** The build file is always one of the context. */
function readDockerfile(path: string): string {
  const parts = path.split('/');
  if (path.startsWith('/') || parts.includes('..'))
    throw new HttpFailure(400, `Forbidden path outside the build context: ${path}`);
  return path;
}

/** Reads an object of texts. `null` is an argument without a value: it is left out. */
function readTexts(query: URLSearchParams, name: string): Readonly<Record<string, string>> {
  const text = query.get(name) ?? '';
  if (text === '') return {};
  const document = parseJson(text);
  if (document === null) return {};
  const keys = Object.fromEntries(Object.keys(document as object).map((key) => [key, 'text'] as const));
  return takeMembers(document, keys, name) as Readonly<Record<string, string>>;
}

function readUlimits(query: URLSearchParams): BuildRequest['ulimits'] {
  const text = query.get('ulimits') ?? '';
  const list = text === '' ? null : parseJson(text);
  if (list === null) return [];
  if (!Array.isArray(list)) throw new HttpFailure(400, 'invalid ulimits');
  return list.map((each: unknown) => {
    const { Name, Soft, Hard } = takeMembers(each, { Name: 'text', Soft: 'number', Hard: 'number' }, 'ulimits');
    return readUlimit(`${String(Name)}=${String(Soft)}:${String(Hard)}`);
  });
}
