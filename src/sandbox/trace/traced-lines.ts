import { sandboxFilter } from '../seccomp/sandbox-filter.ts';
import { becomeProgram } from '../starter/exec-lines.ts';
import { limits, loadFilter, setCapabilities } from '../starter/privilege-lines.ts';
import { REPORT_FAILURE } from '../starter/process-tree.ts';
import type { Line } from '../starter/table.ts';
import { type TraceFilter, traceFilter } from './trace-filter.ts';
import type { TracedStep } from './traced-step.ts';

/** The descriptor on which the process waits until it is traced. */
const GATE = 6;
const PR_SET_NO_NEW_PRIVS = 38;
const REPORT = 3;
const ALL_ABOVE = 0xffff_ffff;

/** The calls of a traced step, from its start to its program. From the filter on, names are those of the step. */
export function tracedLines({ process: step }: TracedStep, filter: TraceFilter): readonly Line[] {
  return [
    { name: 'read', args: [GATE, { words: [0] }, 1], doing: 'wait to be traced', expect: 1, onOther: 'failed' },
    { name: 'close_range', args: [REPORT + 1, ALL_ABOVE, 0], doing: 'close descriptors' },
    ...limits(step),
    { name: 'umask', args: [0o022], doing: 'set umask' },
    { name: 'prctl', args: [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], doing: 'give up privileges' },
    setCapabilities(0n),
    loadFilter(sandboxFilter()),
    loadFilter(traceFilter(filter)),
    { name: 'chdir', args: [step.cwd], doing: `enter the working directory \`${step.cwd}\`` },
    ...becomeProgram(step.args, step.env),
    ...REPORT_FAILURE,
  ];
}
