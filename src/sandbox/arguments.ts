import { readFileSync } from 'node:fs';
import { MkimageError } from '../errors.ts';
import { isMappedId } from '../host/index.ts';
import type { ProcessSpec } from './index.ts';

/** Maximum length of one argument or variable in the kernel, with its NUL (MAX_ARG_STRLEN, execve(2)). */
const LONGEST = 131_072;
/** All together may have a quarter of the stack limit, between these bounds. Each of them also needs a pointer. */
const LEAST_TOTAL = 131_072;
const MOST_TOTAL = 6 * 1024 * 1024;
const POINTER = 8;
/** sethostname(2). */
const LONGEST_HOSTNAME = 64;
/** Space for data that the kernel and a runtime add (the program's path, the auxiliary vector). */
const RESERVE = 8192;

/** Refuses a command or environment that the kernel does not accept. The error names the invalid part. Throws `limit`, `sandbox`. */
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

/** In a user namespace only some ids exist. The kernel's own error would not say what to do. Throws `sandbox`. */
export function refuseMissingIds({ uid, gid }: ProcessSpec): void {
  const missing = isMappedId('uid', uid) ? (isMappedId('gid', gid) ? undefined : `group ${gid}`) : `user ${uid}`;
  if (missing === undefined) return;
  throw new MkimageError(
    'sandbox',
    `start step: the ${missing} does not exist here: this user namespace has other ids`,
    {
      hint: 'install the package uidmap and give your user more ids in /etc/subuid and /etc/subgid: `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME`',
    },
  );
}

/** Creates the error for a command line and environment that are too long together. */
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
    throw new MkimageError('sandbox', `start step: ${what} contains a NUL character, which the kernel does not accept`);
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

/** Reads the stack limit in bytes; -1 if unlimited (proc(5), `limits`). */
function ownStackLimit(): number {
  const soft = /^Max stack size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return soft === undefined || soft === 'unlimited' ? -1 : Number(soft);
}

function printable(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name.replaceAll('\0', '\\0');
}
