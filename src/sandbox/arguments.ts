import { readFileSync } from 'node:fs';
import { MkimageError } from '../errors.ts';
import type { ProcessSpec } from './index.ts';

/** The kernel takes no longer argument or assignment (MAX_ARG_STRLEN, execve(2)), its end included. */
const LONGEST = 131_072;
/** And of all together a quarter of the stack limit, but at least and at most so many bytes; each has a pointer too. */
const LEAST_TOTAL = 131_072;
const MOST_TOTAL = 6 * 1024 * 1024;
const POINTER = 8;
/** sethostname(2). */
const LONGEST_HOSTNAME = 64;
/** Room for what the kernel and a runtime add (the program's path, the auxiliary vector). */
const RESERVE = 8192;

/** Refuses a command or environment that no process can be started with, by the name of what is wrong. Throws `limit`, `sandbox`. */
export function refuseImpossibleArguments(spec: ProcessSpec): void {
  const { args, env, cwd, hostname } = spec;
  if (Buffer.byteLength(hostname) > LONGEST_HOSTNAME) {
    throw new MkimageError(
      'limit',
      `start step: the host name \`${printable(hostname)}\` has more than ${LONGEST_HOSTNAME} bytes`,
    );
  }
  for (const assignment of env) {
    const name = assignment.split('=', 1)[0]!;
    refuse(
      assignment,
      `the environment variable \`${printable(name)}\``,
      'put the value into a file or a build secret',
    );
  }
  for (const argument of args) refuse(argument, 'its command', 'COPY it into the image as a script and run that');
  refuse(cwd, 'its working directory', 'use a shorter path');
  const total = [...args, ...env].reduce((sum, text) => sum + Buffer.byteLength(text) + 1 + POINTER, RESERVE);
  if (total > totalLimit(spec)) throw tooLong();
}

/** What is said of a command line and environment that do not fit together, though each part would. */
export function tooLong(): MkimageError {
  return new MkimageError(
    'limit',
    'start step: its command and environment are longer than the kernel takes together',
    {
      hint: 'shorten ARG and ENV values, put them into a file, or raise `--ulimit stack`: the kernel takes a quarter of it',
    },
  );
}

function refuse(text: string, what: string, hint: string): void {
  if (text.includes('\0')) {
    throw new MkimageError('sandbox', `start step: ${what} holds a NUL character, which no process can be given`);
  }
  const length = Buffer.byteLength(text);
  if (length < LONGEST) return;
  throw new MkimageError('limit', `start step: ${what} has ${length} bytes, and the kernel takes ${LONGEST - 1}`, {
    hint,
  });
}

function totalLimit({ ulimits }: ProcessSpec): number {
  const asked = ulimits.find(({ name }) => name === 'stack')?.soft;
  const stack = asked ?? ownStackLimit();
  return Math.min(Math.max(stack < 0 ? MOST_TOTAL : stack / 4, LEAST_TOTAL), MOST_TOTAL);
}

/** In bytes; -1 without a limit (proc(5), `limits`). */
function ownStackLimit(): number {
  const soft = /^Max stack size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return soft === undefined || soft === 'unlimited' ? -1 : Number(soft);
}

function printable(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name.replaceAll('\0', '\\0');
}
