import type { ContainerSettings, HostSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

const DEFAULT_SHM_SIZE = 64 * 2 ** 20;
const LEAST_MEMORY = 6 * 2 ** 20;

/** Settings that would weaken a container or change its meaning if they were dropped, and that are not supported. */
const REFUSED: readonly (readonly [name: string, isAsked: (host: HostSettings) => boolean])[] = [
  ['links', ({ Links }) => (Links ?? []).length > 0],
  ['a cgroup namespace of the host', ({ CgroupnsMode }) => CgroupnsMode === 'host'],
  ['an init process', ({ Init }) => Init === true],
  ['an OOM score', ({ OomScoreAdj = 0 }) => OomScoreAdj !== 0],
  ['disabling the OOM killer', ({ OomKillDisable }) => OomKillDisable === true],
];

/** Completes the settings with Docker's defaults. `idOf` resolves the containers of `container:NAME`. Throws `unsupported`, `usage`. */
export function normalizeHost(host: HostSettings, idOf: (text: string) => string): HostSettings {
  for (const [what, isAsked] of REFUSED) {
    if (isAsked(host)) throw new MkimageError('unsupported', `create container: ${what} is not supported`);
  }
  if (host.Memory !== undefined && host.Memory > 0 && host.Memory < LEAST_MEMORY) {
    throw new MkimageError('usage', 'Minimum memory limit allowed is 6MB');
  }
  const mode = (text: string | undefined, standard: string) =>
    resolveMode(text === undefined || text === '' ? standard : text, idOf);
  return {
    ...host,
    NetworkMode: mode(host.NetworkMode, 'host'),
    IpcMode: mode(host.IpcMode, 'private'),
    PidMode: mode(host.PidMode, ''),
    UTSMode: mode(host.UTSMode, ''),
    LogConfig: { Type: host.LogConfig?.Type || 'json-file', Config: host.LogConfig?.Config ?? {} },
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || 'no',
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    AutoRemove: host.AutoRemove ?? false,
    Privileged: host.Privileged ?? false,
    ReadonlyRootfs: host.ReadonlyRootfs ?? false,
    PublishAllPorts: host.PublishAllPorts ?? false,
    PortBindings: host.PortBindings ?? {},
    ShmSize: host.ShmSize === undefined || host.ShmSize === 0 ? DEFAULT_SHM_SIZE : host.ShmSize,
    ...(host.MemorySwap === undefined && (host.Memory ?? 0) > 0 ? { MemorySwap: (host.Memory ?? 0) * 2 } : {}),
  };
}

function resolveMode(mode: string, idOf: (text: string) => string): string {
  const [, other] = /^container:(.+)$/.exec(mode) ?? [];
  return other === undefined ? mode : `container:${idOf(other)}`;
}

/** What a request asks for that has no effect. */
export function listLostSettings({ Healthcheck }: ContainerSettings): readonly string[] {
  const isChecked = Healthcheck?.Test !== undefined && Healthcheck.Test[0] !== 'NONE';
  return [...(isChecked ? ['The health check of the container is not run'] : [])];
}
