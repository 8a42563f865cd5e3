import type { ControlGroup } from '../devices/own-groups.ts';
import { CLONE, clone, cloneInto } from './clone-lines.ts';
import { ALL_ERRORS, FAILURE, LAST_RESORT, type Line } from './table.ts';

/** Where records go: a pipe to mkimage. */
export const REPORT = 3;
/** Two words: 0 and a wait status, a number of a program that could not be started and its negative errno, or a failed call's address and its errno. */
export const RECORD_SIZE = 16;
/** The exit code of whoever failed; the record tells the rest. */
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
  /** The process that starts this one: if it is gone, so is the reason for all this. */
  readonly parent: number;
  /** The control group of all of it, and all that the step sees of groups; undefined: that of mkimage. */
  readonly group: ControlGroup | undefined;
  /** Namespaces around the step, besides that of its processes. */
  readonly around: number;
  /** What the init of the outer namespaces does first. */
  readonly prepare: readonly Line[];
  /** Namespaces of the step itself. */
  readonly inside: number;
  /** What the step's process does; the last call should never come back. */
  readonly step: readonly Line[];
}

/**
 * A process that is killed when mkimage dies, whose only child is the init of a pid namespace around everything else and is
 * killed with it: ending that init ends all at once, however often a step forks or changes its user. The init collects the
 * dead and reports how the step's own process ended.
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
    // The parent may have died before this process said that it wants to die with it: then nobody holds the other end.
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

    { label: LAST_RESORT },
    { name: 'write', args: [REPORT, FAILURE, RECORD_SIZE], doing: 'report a failure', tolerate: ALL_ERRORS },
    { label: 'failed' },
    { name: 'exit_group', args: [FAILED], doing: 'end' },

    { label: 'step' },
    ...step,
  ];
}

/** Ends the process with what was reported before. */
export const GIVE_UP = 'failed';

function dieWithParent(): readonly Line[] {
  return [{ name: 'prctl', args: [PR_SET_PDEATHSIG, SIGKILL], doing: 'ask to be killed with mkimage' }];
}

/** `struct pollfd` that waits for nothing but the end. */
function pollOn(descriptor: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(descriptor);
  return bytes;
}
