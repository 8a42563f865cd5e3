import { CLONE } from '../starter/clone-lines.ts';
import { OTHER, ROOT } from '../starter/mount-lines.ts';
import type { Line } from '../starter/table.ts';
import type { JoinSpec, StartedContainer } from './port.ts';
import { becomeProcess, requireStarter, takeTerminal } from './process-lines.ts';
import { recorderTree } from './recorder-lines.ts';
import { heldBy, spawnRecorder } from './spawn-recorder.ts';

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;

/** A process in the namespaces of another. The pid namespace is entered first, and takes effect for the child. */
export async function joinContainer(spec: JoinSpec): Promise<StartedContainer> {
  requireStarter();
  const { held, outputs } = heldBy(spec.streams);
  const doing = 'join the container';
  const enter: readonly Line[] = [
    { name: 'pidfd_open', args: [spec.pid, 0], doing, expect: ROOT, onOther: 'failed' },
    { name: 'setns', args: [ROOT, CLONE.newPid], doing },
    { name: 'close', args: [ROOT], doing },
  ];
  const inside: readonly Line[] = [
    ...takeTerminal(spec.streams.kind === 'terminal'),
    ...joinAll(spec.pid, doing),
    ...becomeProcess(spec.process, spec.privileges),
  ];
  const started = await spawnRecorder({
    lines: recorderTree({ namespaces: 0, before: enter, inside, held: held.length, outputs }),
    cwd: spec.scratch,
    streams: spec.streams,
    record: spec.record,
    program: spec.process.args[0] ?? '',
    prepare: spec.prepare,
  });
  return { ...started, mountPoints: new Set() };
}

/** The process is in the pid namespace already, but it still sees the host's /proc, and its own pid there is not known: opens by pid. */
function joinAll(pid: number, doing: string): readonly Line[] {
  return [
    { name: 'openat', args: [AT_FDCWD, `/proc/${pid}`, O_CLOEXEC | O_PATH], doing, expect: ROOT, onOther: 'failed' },
    ...['cgroup', 'ipc', 'uts', 'net', 'mnt'].flatMap((file): readonly Line[] => [
      { name: 'openat', args: [ROOT, `ns/${file}`, O_CLOEXEC], doing, expect: OTHER, onOther: 'failed' },
      { name: 'setns', args: [OTHER, 0], doing },
      { name: 'close', args: [OTHER], doing },
    ]),
    { name: 'close', args: [ROOT], doing },
  ];
}
