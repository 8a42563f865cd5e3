/**
 * Starts a step that writes to `<base>/out/alive` for ever, as a user and with a child that left its session, says `ready`
 * and waits to be killed. Arguments: sandbox, directory.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { livenessOf, thisOwner } from '../../src/host/owners/owner.ts';
import { DeviceFilter } from '../../src/sandbox/devices/filter.ts';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import { makeBusyboxRoot } from './busybox-root.ts';
import { stepSpec } from './run-step.ts';

const [name, base] = [process.argv[2]!, process.argv[3]!];
for (const directory of ['out', 'upper', 'work']) mkdirSync(join(base, directory), { mode: 0o777 });
const rootfs = {
  kind: 'overlay',
  lowers: [makeBusyboxRoot(join(base, 'lower'))],
  upper: join(base, 'upper'),
  work: join(base, 'work'),
} as const;
const writing = 'while true; do echo x >>/out/alive; sleep 0.02; done';
const script = `chmod 777 /out; chmod 4755 /bin/busybox; setsid sh -c "${writing}" & exec su app -c "sleep 1000"`;
const devices = new DeviceFilter({ name: thisOwner(), livenessOf });
const sandbox = name === 'runc' || name === 'crun' ? ociRuntimeSandbox(name, devices) : namespacesSandbox(devices);
const mounts = [{ kind: 'bind', source: join(base, 'out'), target: '/out', readonly: false }] as const;
const running = await sandbox.start(
  stepSpec(base, rootfs, ['/bin/sh', '-c', script], { step: { mounts } }),
  new AbortController().signal,
);
running.stderr.pipe(process.stderr);
// A step that ends before it writes would otherwise be waited for without end.
const ended = running.exited.then((exit) => exit);
while (!existsSync(join(base, 'out/alive'))) {
  const exit = await Promise.race([ended, sleep(10)]);
  if (exit !== undefined) throw new Error(`the step ended with ${exit.code} before it wrote anything`);
}
console.log('ready');
await running.exited;
