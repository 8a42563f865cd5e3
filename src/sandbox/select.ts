import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MkimageError } from '../errors.ts';
import { describeUser, findHostProgram } from '../host/index.ts';
import type { Log } from '../progress.ts';
import type { DeviceFilter } from './devices/filter.ts';
import type { Probe, Sandbox } from './index.ts';
import { namespacesSandbox } from './namespaces.ts';
import { ociRuntimeSandbox } from './oci-runtime.ts';
import { HOST_ENVIRONMENT } from './programs.ts';
import { tracedSandbox } from './traced.ts';

export { DeviceFilter } from './devices/filter.ts';

/** `auto`: the best isolation that works here. Any other value is used as given, without a fallback. */
export type Isolation = 'auto' | IsolationName;
export type IsolationName = 'runc' | 'crun' | 'namespaces' | 'chroot';

export interface SelectOptions {
  readonly wanted: Isolation;
  /** A directory of mkimage for results of probes and their temporary files. */
  readonly directory: string;
  /** Owned by the caller, who disposes it when no step runs any more. */
  readonly devices?: DeviceFilter;
  readonly log?: Log | undefined;
}

type Backends = Readonly<Record<IsolationName, (devices?: DeviceFilter) => Sandbox>>;

export const BACKENDS: Backends = {
  crun: (devices) => ociRuntimeSandbox('crun', devices),
  runc: (devices) => ociRuntimeSandbox('runc', devices),
  namespaces: namespacesSandbox,
  chroot: tracedSandbox,
};

/** True for a name that `selectSandbox` knows. */
export function isIsolation(name: string): name is Isolation {
  return name === 'auto' || Object.hasOwn(BACKENDS, name);
}

/** crun is before runc, because it takes half the time. Both give the same isolation. */
export const BEST_FIRST = ['crun', 'runc', 'namespaces'] as const;

/** Weaker than the others: only on request, or if a container around mkimage permits nothing else. */
export const LAST = 'chroot' as const;

/**
 * Selects the sandbox for steps. A probe runs a real step, once for each program, boot and container, and its result is stored.
 * Throws `sandbox` if the isolation is not available.
 */
export async function selectSandbox(
  { wanted, directory, devices, log }: SelectOptions,
  backends: Backends = BACKENDS,
): Promise<Sandbox> {
  const reasons: string[] = [];
  const automatic: readonly IsolationName[] = isInContainer() ? [...BEST_FIRST, LAST] : BEST_FIRST;
  for (const name of wanted === 'auto' ? automatic : [wanted]) {
    const sandbox = backends[name](devices);
    const { usable, detail } = await probeOnce(sandbox, directory);
    log?.debug('sandbox', usable ? 'isolation chosen' : 'isolation refused', {
      isolation: name,
      wanted,
      because: detail,
    });
    if (usable) {
      if (log !== undefined) await logSurroundings(name, devices, log);
      return sandbox;
    }
    reasons.push(`${name}: ${detail}`);
  }
  throw new MkimageError('sandbox', `select isolation \`${wanted}\`: ${reasons.join('; ')}`, {
    hint: '`mkimage info` shows what each isolation needs; `--isolation=chroot` is weaker and needs no privilege; builds without RUN need none of them',
  });
}

/** Files that Docker, Podman and Kubernetes place in containers. */
const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'] as const;

function isInContainer(): boolean {
  return CONTAINER_FILES.some((file) => existsSync(file));
}

/** Logs facts about the environment, which takes time and is only done for a debug log. */
async function logSurroundings(name: string, devices: DeviceFilter | undefined, log: Log): Promise<void> {
  const { group } = devices ?? {};
  const filter = group === undefined ? 'none: no control group could be made' : `control group ${group.path}`;
  log.debug('sandbox', 'device filter', {
    filter: name === 'runc' ? 'made by runc for each step' : filter,
    version: group?.version,
  });
  const program = name === 'namespaces' ? undefined : findHostProgram(name);
  if (program === undefined) return;
  const options = { env: HOST_ENVIRONMENT, timeout: 5000 };
  const version = await promisify(execFile)(program, ['--version'], options).then(
    ({ stdout }) => stdout,
    ({ message }: Error) => message,
  );
  log.debug('sandbox', 'runtime', { program, version });
}

/** Returns the stored result of a probe, or probes. */
export async function probeOnce(sandbox: Sandbox, directory: string): Promise<Probe> {
  const file = join(directory, `probe-${sandbox.name}.json`);
  const identity = identityOf(sandbox.name);
  const known = readProbe(file);
  if (known?.identity === identity && known.probe.usable) return known.probe;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const scratch = mkdtempSync(join(directory, 'probe-'));
  try {
    const probe = await sandbox.probe(scratch);
    writeFileSync(join(scratch, 'result'), JSON.stringify({ identity, probe }));
    renameSync(join(scratch, 'result'), file);
    return probe;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface RememberedProbe {
  readonly identity: string;
  readonly probe: Probe;
}

function readProbe(file: string): RememberedProbe | undefined {
  try {
    const { identity, probe } = JSON.parse(readFileSync(file, 'utf8'));
    return { identity: String(identity), probe: { usable: probe.usable === true, detail: String(probe.detail) } };
  } catch {
    return undefined; // never probed, or an incomplete file
  }
}

/** Everything that the result of a probe depends on: the program, the boot, the container, the user. */
function identityOf(name: string): string {
  const program = name === 'namespaces' ? undefined : findHostProgram(name);
  const stats = program === undefined ? undefined : statSync(program);
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const namespaces = ['mnt', 'pid'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
  return [program, stats?.ino, stats?.mtimeMs, stats?.size, boot, ...namespaces, describeUser()].join(' ');
}
