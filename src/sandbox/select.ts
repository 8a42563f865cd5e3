import { execFile } from 'node:child_process';
import {
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
import { thisUser } from '../host/index.ts';
import type { Log } from '../progress.ts';
import type { DeviceFilter } from './devices/filter.ts';
import type { Probe, Sandbox } from './index.ts';
import { namespacesSandbox } from './namespaces.ts';
import { ociRuntimeSandbox } from './oci-runtime.ts';
import { findProgram, HOST_ENVIRONMENT } from './programs.ts';

export { DeviceFilter } from './devices/filter.ts';

/** `auto`: the best isolation that works here. Any other value is used as given, without a fallback. */
export type Isolation = 'auto' | 'runc' | 'crun' | 'namespaces';

export interface SelectOptions {
  readonly wanted: Isolation;
  /** A directory of mkimage for results of probes and their temporary files. */
  readonly directory: string;
  /** Owned by the caller, who disposes it when no step runs any more. */
  readonly devices?: DeviceFilter;
  readonly log?: Log | undefined;
}

type Backends = Readonly<Record<Exclude<Isolation, 'auto'>, (devices?: DeviceFilter) => Sandbox>>;

const BACKENDS: Backends = {
  crun: (devices) => ociRuntimeSandbox('crun', devices),
  runc: (devices) => ociRuntimeSandbox('runc', devices),
  namespaces: namespacesSandbox,
};

/** True for a name that `selectSandbox` knows. */
export function isIsolation(name: string): name is Isolation {
  return name === 'auto' || Object.hasOwn(BACKENDS, name);
}

/** crun is before runc, because it takes half the time. Both give the same isolation. */
const BEST_FIRST = ['crun', 'runc', 'namespaces'] as const;

/**
 * Selects the sandbox for steps. A probe runs a real step, once for each program, boot and container, and its result is stored.
 * Throws `sandbox` if the isolation is not available.
 */
export async function selectSandbox(
  { wanted, directory, devices, log }: SelectOptions,
  backends: Backends = BACKENDS,
): Promise<Sandbox> {
  const reasons: string[] = [];
  for (const name of wanted === 'auto' ? BEST_FIRST : [wanted]) {
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
    hint: 'RUN needs root, and namespaces that the kernel or a container around mkimage allows; builds without RUN need neither',
  });
}

/** Logs facts about the environment, which takes time and is only done for a debug log. */
async function logSurroundings(name: string, devices: DeviceFilter | undefined, log: Log): Promise<void> {
  const { group } = devices ?? {};
  const filter = group === undefined ? 'none: no control group could be made' : `control group ${group.path}`;
  log.debug('sandbox', 'device filter', {
    filter: name === 'runc' ? 'made by runc for each step' : filter,
    version: group?.version,
  });
  const program = name === 'namespaces' ? undefined : findProgram(name);
  if (program === undefined) return;
  const options = { env: HOST_ENVIRONMENT, timeout: 5000 };
  const version = await promisify(execFile)(program, ['--version'], options).then(
    ({ stdout }) => stdout,
    ({ message }: Error) => message,
  );
  log.debug('sandbox', 'runtime', { program, version });
}

async function probeOnce(sandbox: Sandbox, directory: string): Promise<Probe> {
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
  const program = name === 'namespaces' ? undefined : findProgram(name);
  const stats = program === undefined ? undefined : statSync(program);
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const namespaces = ['mnt', 'user', 'pid'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
  return [program, stats?.ino, stats?.mtimeMs, stats?.size, boot, ...namespaces, thisUser().uid].join(' ');
}
