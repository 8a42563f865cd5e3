import { programPaths } from '../program-path.ts';
import { GIVE_UP, RECORD_SIZE, REPORT } from './process-tree.ts';
import { ALL_ERRORS, type Line } from './table.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;
/**
 * Errors after which the next folder is tried: EPERM, ENOENT, ENOEXEC, EACCES, ENOTDIR, ETXTBSY, ENAMETOOLONG, ELOOP. Other errors, such
 * as E2BIG, are about the step and not about the file.
 */
const NOT_HERE: readonly number[] = [1, 2, 8, 13, 20, 26, 36, 40];
/**
 * Executes a program. A name without a slash is searched in the `PATH` of its own environment. If no path can be executed, reports each
 * tried path: its number, from 1, and the negative errno. Other errors are failed calls.
 */
export function becomeProgram(
  args: readonly string[],
  env: readonly string[],
  complaint = complaintOf(args[0] ?? ''),
): readonly Line[] {
  const tried = programPaths({ args, env }).map((path, index) => ({ path, words: [index + 1, 0] }));
  const said = Buffer.from(complaint);
  return [
    { name: 'fcntl', args: [REPORT, F_SETFD, FD_CLOEXEC], doing: 'close the report on exec' },
    ...tried.map(
      ({ path, words }): Line => ({
        name: 'execve',
        args: [path, { list: args }, { list: env }],
        doing: EXEC,
        tolerate: NOT_HERE,
        keep: { words, offset: 8 },
      }),
    ),
    ...tried.map(
      ({ words }): Line => ({
        name: 'write',
        args: [REPORT, { words }, RECORD_SIZE],
        doing: 'report programs',
        expect: RECORD_SIZE,
      }),
    ),
    { name: 'write', args: [STDERR, said, said.length], doing: 'say so', tolerate: ALL_ERRORS, onTolerated: GIVE_UP },
    { name: 'getpid', args: [], doing: 'end', onExpected: GIVE_UP, onOther: GIVE_UP },
  ];
}

/** The purpose of these calls, for error messages. */
export const EXEC = 'start the program';

const STDERR = 2;

/** The message for the step's log, the same as that of runtimes. */
export function complaintOf(program: string): string {
  const reason = program.includes('/')
    ? 'it is not there, may not be executed, or is no program of this machine'
    : 'executable file not found in $PATH';
  return `exec: "${program}": ${reason}\n`;
}
