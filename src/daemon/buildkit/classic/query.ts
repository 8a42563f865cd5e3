/** The query of `POST /build?version=2`, by which docker 20.10 asks for a build with BuildKit. */
import { MkimageError } from '../../../errors.ts';
import { type ExporterRequest, SolveRequest } from '../control/build-messages.ts';

/** Texts that Docker reads as false; all others are true. */
const FALSE: ReadonlySet<string> = new Set(['', '0', 'no', 'false', 'none']);
/** The value of `remote` for a context that the client serves, and for one that comes with a request of its own. */
const SERVED = 'client-session';
export const UPLOAD = 'upload-request';
/** The context is the body of a request. */
const BODY = 'http://buildkit-session/body';

/** Returns what a client of today would send. Throws `usage`. */
export function toSolveRequest(query: URLSearchParams, ref: string): SolveRequest {
  return SolveRequest.create({
    ref,
    session: query.get('session') ?? '',
    frontend: 'dockerfile.v0',
    attributes: new Map([...readInputs(query), ...readSettings(query), ...readPairs(query)]),
    exporters: readExporters(query),
  });
}

function readInputs(query: URLSearchParams): [string, string][] {
  const remote = query.get('remote') ?? '';
  const filename: [string, string] = ['filename', query.get('dockerfile') || 'Dockerfile'];
  if (remote === SERVED) return [filename];
  return [filename, ['context', remote === '' || remote === UPLOAD ? BODY : remote]];
}

function readSettings(query: URLSearchParams): [string, string][] {
  const network = query.get('networkmode') ?? '';
  const memory = query.get('shmsize') ?? '0';
  const settings: [string, string | undefined][] = [
    ['target', query.get('target') || undefined],
    ['platform', query.get('platform') || undefined],
    ['no-cache', isTrue(query, 'nocache') ? '' : undefined],
    ['image-resolve-mode', isTrue(query, 'pull') ? 'pull' : undefined],
    ['force-network-mode', network === '' || network === 'default' ? undefined : network],
    ['shm-size', memory === '0' ? undefined : memory],
    ['add-hosts', query.getAll('extrahosts').join(',') || undefined],
    ['ulimit', readLimits(query) || undefined],
    ['cache-from', (readJson(query, 'cachefrom') as string[] | null)?.join(',') || undefined],
  ];
  return settings.filter((each): each is [string, string] => each[1] !== undefined);
}

function readPairs(query: URLSearchParams): [string, string][] {
  return [
    ['buildargs', 'build-arg:'],
    ['labels', 'label:'],
  ].flatMap(([name, prefix]) =>
    Object.entries((readJson(query, name!) ?? {}) as Record<string, unknown>).flatMap(
      ([key, value]): [string, string][] => (typeof value === 'string' ? [[`${prefix}${key}`, value]] : []),
    ),
  );
}

function readLimits(query: URLSearchParams): string {
  const limits = (readJson(query, 'ulimits') ?? []) as { Name?: unknown; Soft?: unknown; Hard?: unknown }[];
  return limits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`).join(',');
}

/** Without outputs the image goes to the store. */
function readExporters(query: URLSearchParams): readonly ExporterRequest[] {
  const names = query.getAll('t').join(',');
  const outputs = (readJson(query, 'outputs') ?? []) as { Type?: unknown; Attrs?: Record<string, unknown> | null }[];
  const given = outputs.map(({ Type, Attrs }) => ({
    type: String(Type),
    attributes: new Map(Object.entries(Attrs ?? {}).map(([key, value]): [string, string] => [key, String(value)])),
  }));
  return given.length > 0 ? given : [{ type: 'moby', attributes: new Map([['name', names]]) }];
}

export function isTrue(query: URLSearchParams, name: string): boolean {
  return !FALSE.has((query.get(name) ?? '').trim().toLowerCase());
}

function readJson(query: URLSearchParams, name: string): unknown {
  const text = query.get(name) ?? '';
  try {
    return text === '' ? null : (JSON.parse(text) as unknown);
  } catch {
    throw new MkimageError('usage', `read build option \`${name}\`: not JSON`);
  }
}
