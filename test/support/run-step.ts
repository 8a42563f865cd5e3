import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitStatus, ProcessSpec, Sandbox, SandboxSpec } from '../../src/sandbox/index.ts';
import type { Rootfs } from '../../src/snapshot/index.ts';

export interface StepResult extends ExitStatus {
  readonly stdout: string;
  readonly stderr: string;
  readonly mountPoints: ReadonlySet<string>;
}

let steps = 0;

/** A whole step description around the few things that a test cares about. */
export function stepSpec(
  base: string,
  rootfs: Rootfs,
  args: readonly string[],
  more: { readonly process?: Partial<ProcessSpec>; readonly step?: Partial<SandboxSpec> } = {},
): SandboxSpec {
  steps += 1;
  const scratch = join(base, `scratch${steps}`);
  mkdirSync(scratch);
  return {
    id: `mkimage-test-${process.pid}-${steps}`,
    scratch,
    rootfs,
    process: {
      args,
      env: ['PATH=/bin'],
      cwd: '/',
      uid: 0,
      gid: 0,
      additionalGids: [],
      hostname: 'step',
      security: 'sandbox',
      network: 'host',
      ulimits: [],
      shmSize: 1 << 20,
      ...more.process,
    },
    mounts: [],
    hosts: '127.0.0.1 localhost\n',
    resolvConf: 'nameserver 192.0.2.1\n',
    ...more.step,
  };
}

/** Starts a step and waits for it, keeping what it said. */
export async function runStep(sandbox: Sandbox, spec: SandboxSpec): Promise<StepResult> {
  const running = await sandbox.start(spec, new AbortController().signal);
  const [stdout, stderr, status] = await Promise.all([textOf(running.stdout), textOf(running.stderr), running.exited]);
  return { ...status, stdout, stderr, mountPoints: running.mountPoints };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
