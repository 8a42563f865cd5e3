import type { BuildRequest, CacheSource, NamedContextInput, OutputSpec } from '../../../api/index.ts';
import {
  parseCacheFrom,
  parseCacheTo,
  readEntitlement,
  readExtraHost,
  readShmSize,
  readUlimit,
} from '../../../docker-syntax/index.ts';
import { MkimageError } from '../../../errors.ts';
import { parseWantedPlatform } from '../../../oci/index.ts';
import type { SolveRequest } from '../control/build-messages.ts';
import { type Attributes, readGroup, readList, refuseAttribute } from './attributes.ts';
import { type Pairs, toCsv } from './csv.ts';
import { findUnmetDemand } from './demands.ts';

/** What is known besides the attributes. */
export interface RequestParts {
  readonly context: BuildRequest['context'];
  readonly file: BuildRequest['file'];
  readonly namedContexts: Readonly<Record<string, NamedContextInput>>;
  readonly outputs: readonly OutputSpec[];
}

type Solve = Pick<SolveRequest, 'entitlements' | 'cache'>;

/** Throws `usage`, `unsupported` for values that mean nothing here. Names of options that are unknown have no effect. */
export function createRequest(attributes: Attributes, solve: Solve, parts: RequestParts): BuildRequest {
  refuseUnmet(attributes);
  const stages = attributes.get('no-cache');
  return {
    ...parts,
    tags: [],
    target: attributes.get('target') || undefined,
    buildArgs: readGroup(attributes, 'build-arg:'),
    labels: readGroup(attributes, 'label:'),
    annotations: [],
    platforms: readList(attributes, 'platform').map(parseWantedPlatform),
    secrets: [],
    ssh: [],
    part: false,
    cacheFrom: readCacheSources(attributes, solve),
    cacheTo: (solve.cache?.exports ?? []).map((each) => parseCacheTo(toCacheCsv(each.type, each.attributes))),
    expectCached: undefined,
    noCache: stages === '',
    noCacheFilter: readList(attributes, 'no-cache'),
    pull: attributes.get('image-resolve-mode') === 'pull',
    network: readNetwork(attributes),
    allow: solve.entitlements.flatMap((each) => readEntitlement(each) ?? []),
    extraHosts: readList(attributes, 'add-hosts').map(readExtraHost),
    shmSize: readSharedMemory(attributes),
    ulimits: readList(attributes, 'ulimit').map(readUlimit),
    skipsPolicy: false,
    isolation: undefined,
  };
}

function refuseUnmet(attributes: Attributes): void {
  const demand = findUnmetDemand(attributes.get('frontend.caps') ?? '');
  if (demand === undefined) return;
  throw new MkimageError('unsupported', `build: the client demands \`${demand}\`, which is not supported`);
}

function readNetwork(attributes: Attributes): BuildRequest['network'] {
  const mode = attributes.get('force-network-mode') || 'default';
  if (mode === 'host' || mode === 'none' || mode === 'default') return mode;
  if (mode === 'sandbox' || mode === 'bridge') return 'default';
  throw refuseAttribute('force-network-mode', mode, 'unknown network');
}

function readSharedMemory(attributes: Attributes): number | undefined {
  const text = attributes.get('shm-size') || '0';
  return text === '0' ? undefined : readShmSize(text);
}

/** Clients send their caches in up to three ways; the same one is asked once. */
function readCacheSources(attributes: Attributes, { cache }: Solve): readonly CacheSource[] {
  const texts = [
    ...(cache?.imports ?? []).map((each) => toCacheCsv(each.type, each.attributes)),
    ...readImports(attributes.get('cache-imports')),
    ...readList(attributes, 'cache-from').map((ref) => toCacheCsv('registry', new Map([['ref', ref]]))),
  ];
  return [...new Set(texts)].map(parseCacheFrom);
}

interface CacheImport {
  readonly Type?: unknown;
  readonly Attrs?: Readonly<Record<string, unknown>> | null;
}

function readImports(json: string | undefined): readonly string[] {
  if (json === undefined || json === '') return [];
  const imports = parseJson(json);
  if (!Array.isArray(imports)) throw refuseAttribute('cache-imports', json, 'not a JSON list');
  return (imports as (CacheImport | null)[]).map((each) =>
    toCacheCsv(
      String(each?.Type),
      Object.entries(each?.Attrs ?? {}).map(([key, value]) => [key, String(value)] as const),
    ),
  );
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw refuseAttribute('cache-imports', json, 'not JSON');
  }
}

/** A folder of the client would have to come over the session, and one of this machine is not for clients. */
function toCacheCsv(type: string, attributes: Pairs): string {
  if (type !== 'local') return toCsv([['type', type], ...attributes]);
  throw new MkimageError('unsupported', 'use cache `type=local`: a cache in a folder of the client is not supported', {
    hint: 'use `type=registry` or `type=inline`',
  });
}
