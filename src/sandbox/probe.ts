import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findHostProgram, makeNode, thisProcessId, thisProcessor } from '../host/index.ts';
import type { Probe, Sandbox, SandboxSpec } from './index.ts';
import { HOST_ENVIRONMENT } from './programs.ts';
import { deviceTrial } from './starter/device-trial.ts';

/**
 * Tests if steps can be run and are isolated: runs a program that tries to open a device node in its root. A sandbox that permits this
 * is not accepted.
 */
export async function probeBy(start: Sandbox['start'], scratch: string, detail: string): Promise<Probe> {
  const [root, own] = [join(scratch, 'root'), join(scratch, 'scratch')];
  mkdirSync(root);
  mkdirSync(own);
  writeFileSync(join(root, 'trial'), deviceTrial(thisProcessor()) ?? '');
  chmodSync(join(root, 'trial'), 0o755);
  placeDevice(join(root, 'device'));
  try {
    const running = await start(specFor(root, own), new AbortController().signal);
    running.stdout.resume();
    running.stderr.resume();
    return verdictOf((await running.exited).code, detail);
  } catch (error) {
    return { usable: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The reason why an ordinary user cannot have namespaces. The command line would have entered a user namespace if it could. */
export function needsRoot(): string {
  const unshare = findHostProgram('unshare');
  if (unshare === undefined) return 'it needs root, or the program unshare for a user namespace';
  const trial = spawnSync(unshare, ['--user', 'true'], { env: HOST_ENVIRONMENT, encoding: 'utf8' });
  if (trial.status === 0) return 'it needs root, or a user namespace that this process has not entered';
  return `it needs root or a user namespace (${trial.stderr.trim() || `unshare ended with ${trial.status}`})`;
}

const OPENED = 0;
const REFUSED = 1;

function verdictOf(code: number, detail: string): Probe {
  if (code === REFUSED) return { usable: true, detail };
  if (code === OPENED) return { usable: false, detail: 'it lets steps open device nodes of their own making' };
  return { usable: false, detail: `a trial ended with status ${code}` };
}

const S_IFCHR = 0o020000;
const ZERO = { major: 1, minor: 5 };

/** Creates a device node for /dev/zero. If this is not permitted here, a step cannot create one either. */
function placeDevice(path: string): void {
  try {
    makeNode(path, S_IFCHR | 0o666, ZERO);
    chmodSync(path, 0o666);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function specFor(root: string, scratch: string): SandboxSpec {
  return {
    id: `mkimage-probe-${thisProcessId()}`,
    scratch,
    rootfs: { kind: 'directory', path: root },
    process: {
      args: ['/trial'],
      env: ['PATH=/'],
      cwd: '/',
      uid: 0,
      gid: 0,
      additionalGids: [],
      hostname: 'probe',
      security: 'sandbox',
      network: 'host',
      ulimits: [],
      shmSize: 1 << 20,
    },
    mounts: [],
    hosts: undefined,
    resolvConf: undefined,
  };
}
