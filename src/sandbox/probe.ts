import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Probe, Sandbox, SandboxSpec } from './index.ts';

/**
 * Whether steps can be run: starts one on an empty root, where all must go well up to the point that its program does not
 * exist.
 */
export async function probeBy(start: Sandbox['start'], scratch: string, detail: string): Promise<Probe> {
  const [root, own] = [join(scratch, 'root'), join(scratch, 'scratch')];
  mkdirSync(root);
  mkdirSync(own);
  try {
    const running = await start(specFor(root, own), new AbortController().signal);
    running.stdout.resume();
    running.stderr.resume();
    const { code } = await running.exited;
    return code === 127 ? { usable: true, detail } : { usable: false, detail: `a trial ended with status ${code}` };
  } catch (error) {
    return { usable: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function specFor(root: string, scratch: string): SandboxSpec {
  return {
    id: `mkimage-probe-${process.pid}`,
    scratch,
    rootfs: { kind: 'directory', path: root },
    process: {
      args: ['/no-such-program'],
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
