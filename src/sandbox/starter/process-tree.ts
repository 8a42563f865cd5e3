import type { ControlGroup } from '../devices/own-groups.ts';
import { CLONE, clone, cloneInto } from './clone-lines.ts';
import { ALL_ERRORS, FAILURE, LAST_RESORT, type Line } from './table.ts';

/** The descriptor for records: a pipe to mkimage. */
export const REPORT = 3;
/** Two words: 0 and a wait status, a number of a program that could not be started and its negative errno, or a failed call's address and its errno. */
export const RECORD_SIZE = 16;
/** The exit code of a process that failed. The record contains the reason. */
const FAILED = 125;

const SIGKILL = 9;
const EBADF = 9;
const PR_SET_PDEATHSIG = 1;
/** The descriptor of the control group, behind those of the pipe. */
const GROUP = 6;
const ALL_ABOVE = 0xffff_ffff;
/** The process of the step, seen by the init of the namespace that holds it: the first after itself. */
const FIRST_CHILD = 2;

export interface ProcessTree {
  /** The process that starts this one. If it has ended, the step must not start. */
  readonly parent: number;
  /** The control group of all processes, and the root of the groups that the step sees; undefined: the group of mkimage. */
  readonly group: ControlGroup | undefined;
  /** Namespaces around the step, in addition to the pid namespace. */
  readonly around: number;
  /** The first calls of the init process of the outer namespaces. */
  readonly prepare: readonly Line[];
  /** Namespaces of the step itself. */
  readonly inside: number;
  /** The calls of the step's process. The last call does not return if it succeeds. */
  readonly step: readonly Line[];
}

/**
 * The processes of a step. The first process is killed when mkimage ends. Its only child is the init process of a pid namespace with
 * all other processes, and is killed with its parent. If the init process ends, the kernel kills all processes of the namespace, even if a
 * step forks or changes its user. The init process waits for ended processes and reports how the step's own process ended.
 */
export function processTree({ parent, group, around, prepare, inside, step }: ProcessTree): readonly Line[] {
  const lifeline = { words: [0] };
  const ended = { words: [0, 0] };
  return [
    { name: 'close_range', args: [REPORT + 1, ALL_ABOVE, 0], doing: 'close descriptors' },
    ...dieWithParent(),
    { name: 'getppid', args: [], doing: 'look for mkimage', expect: parent, onOther: 'quit' },
    { name: 'pipe2', args: [lifeline, 0], doing: 'make a pipe' }, // descriptors 4 and 5
    ...cloneInto({ namespaces: CLONE.newPid | around, group, descriptor: GROUP, child: 'init' }),
    { name: 'wait4', args: [-1, 0, 0, 0], doing: 'wait for the step' },
    { label: 'quit' },
    { name: 'exit_group', args: [0], doing: 'end' },

    { label: 'init' },
    ...dieWithParent(),
    { name: 'close', args: [5], doing: 'close a pipe' },
    { name: 'close', args: [GROUP], doing: 'close the control group', tolerate: [EBADF] },
    // The parent may have ended before PR_SET_PDEATHSIG was set: then the other end of the pipe is closed.
    { name: 'ppoll', args: [pollOn(4), 1, new Uint8Array(16), 0, 0], doing: 'look for the parent', onOther: 'quit' },
    { name: 'close', args: [4], doing: 'close a pipe' },
    ...prepare,
    clone(group === undefined ? inside : inside | CLONE.newCgroup, 'step'),
    { label: 'reap' },
    {
      name: 'wait4',
      args: [-1, { ...ended, offset: 8 }, 0, 0],
      doing: 'wait for the step',
      expect: FIRST_CHILD,
      onOther: 'reap',
    },
    { name: 'write', args: [REPORT, ended, RECORD_SIZE], doing: 'report the end', expect: RECORD_SIZE },
    { name: 'exit_group', args: [0], doing: 'end' },

    ...REPORT_FAILURE,

    { label: 'step' },
    ...step,
  ];
}

/** The lines that follow after a failed call. */
export const REPORT_FAILURE: readonly Line[] = [
  { label: LAST_RESORT },
  { name: 'write', args: [REPORT, FAILURE, RECORD_SIZE], doing: 'report a failure', tolerate: ALL_ERRORS },
  { label: 'failed' },
  { name: 'exit_group', args: [FAILED], doing: 'end' },
];

/** Ends the process. The report was written before. */
export const GIVE_UP = 'failed';

function dieWithParent(): readonly Line[] {
  return [{ name: 'prctl', args: [PR_SET_PDEATHSIG, SIGKILL], doing: 'ask to be killed with mkimage' }];
}

/** `struct pollfd` that waits only for the end of the pipe. */
function pollOn(descriptor: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(descriptor);
  return bytes;
}
