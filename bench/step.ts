/**
 * Time from starting a step to its end (`/bin/true` on an overlay, mounts included) for each sandbox, beside that of a bare
 * spawn: `node --import tsx bench/step.ts [rounds]` as root. Prints milliseconds: least, quarter, median.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { livenessOf, thisOwner } from '../src/host/owners/owner.ts';
import { DeviceFilter } from '../src/sandbox/devices/filter.ts';
import type { Sandbox } from '../src/sandbox/index.ts';
import { namespacesSandbox } from '../src/sandbox/namespaces.ts';
import { ociRuntimeSandbox } from '../src/sandbox/oci-runtime.ts';
import { makeBusyboxRoot } from '../test/support/busybox-root.ts';
import { runStep, stepSpec } from '../test/support/run-step.ts';

const rounds = Number(process.argv[2] ?? 20);
const base = mkdtempSync(join(tmpdir(), 'mkimage-bench-'));
const root = makeBusyboxRoot(join(base, 'root'));
const devices = new DeviceFilter({ name: thisOwner(), livenessOf });
const sandboxes = [namespacesSandbox(devices), ociRuntimeSandbox('crun', devices), ociRuntimeSandbox('runc')];
const times = new Map<string, number[]>();
try {
  for (let round = 0; round <= rounds; round++) {
    await measure('spawn', spawnTrue);
    for (const sandbox of sandboxes) await measure(sandbox.name, () => runStepIn(sandbox, `${sandbox.name}${round}`));
  }
} finally {
  await devices[Symbol.asyncDispose]();
  rmSync(base, { recursive: true, force: true });
}
for (const [name, all] of times) {
  const sorted = all.slice(1).sort((one, other) => one - other); // the first warms up
  const formatQuantile = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(1);
  console.log(`${name.padEnd(12)} ${formatQuantile(0)} ${formatQuantile(0.25)} ${formatQuantile(0.5)}`);
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  times.set(name, [...(times.get(name) ?? []), performance.now() - begun]);
}

async function spawnTrue(): Promise<void> {
  await once(spawn('/bin/true', { stdio: 'ignore' }), 'exit');
}

async function runStepIn(sandbox: Sandbox, name: string): Promise<void> {
  const [upper, work] = [join(base, `upper-${name}`), join(base, `work-${name}`)];
  mkdirSync(upper);
  mkdirSync(work);
  const { code } = await runStep(
    sandbox,
    stepSpec(base, { kind: 'overlay', lowers: [root], upper, work }, ['/bin/true']),
  );
  if (code !== 0) throw new Error(`${sandbox.name}: status ${code}`);
}
