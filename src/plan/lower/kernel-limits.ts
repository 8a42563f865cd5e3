/** Limits of the kernel for arguments, variables and file names. Checked here, because the kernel reports only an error number. */
import type { RunMount, RunStep } from '../build-plan.ts';
import { Fault } from '../words/fault.ts';
import { splitVariable } from '../words/scope.ts';

/** Bytes of one argument or variable, including its NUL (MAX_ARG_STRLEN). */
const LONGEST_STRING = 131_072;
/** Bytes of a path, including its NUL (PATH_MAX), and of one name in it (NAME_MAX). */
const LONGEST_PATH = 4096;
const LONGEST_NAME = 255;

/** Throws a Fault for the first string of a step that is too long or has a NUL. This includes strings from the base. */
export function checkProgram(step: Pick<RunStep, 'args' | 'env' | 'user' | 'workdir' | 'mounts'>): void {
  for (const [index, arg] of step.args.entries()) {
    checkString(arg, () =>
      index === step.args.length - 1 ? 'the command' : `\`${shortenText(arg)}\` before the command`,
    );
  }
  checkEnvironment(step.env);
  checkNoNul(step.user, 'USER');
  checkPath(step.workdir, 'the working directory');
  for (const mount of step.mounts) checkMount(mount);
}

const checkedEnvironments = new WeakSet<RunStep['env']>();

/** Steps without a variable change between them share one list, which is checked once. */
function checkEnvironment(env: RunStep['env']): void {
  if (checkedEnvironments.has(env)) return;
  for (const line of env) checkString(line, () => `variable \`${shortenText(splitVariable(line)[0])}\``);
  checkedEnvironments.add(env);
}

/** Throws a Fault if the path is not a valid file name. */
export function checkPath(path: string, what: string): void {
  checkNoNul(path, what);
  if (path.length * 3 <= LONGEST_NAME) return;
  const length = countBytes(path);
  if (length >= LONGEST_PATH) throw createTooLongFault(what, length, LONGEST_PATH - 1);
  if (length <= LONGEST_NAME) return;
  const name = path.split('/').find((part) => part.length > LONGEST_NAME / 3 && countBytes(part) > LONGEST_NAME);
  if (name !== undefined)
    throw createTooLongFault(`\`${shortenText(name)}\` in ${what}`, countBytes(name), LONGEST_NAME);
}

/** Throws a Fault for a text with a NUL, because arguments and file names end at a NUL. */
export function checkNoNul(text: string, what: string): void {
  if (!text.includes('\0')) return;
  throw new Fault('nul-byte', `${what} has a NUL byte`, {
    hint: 'remove it: arguments and file names cannot contain NUL bytes',
  });
}

function checkMount(mount: RunMount): void {
  checkPath(mount.target, 'the target of a mount');
  if ('source' in mount) checkPath(mount.source, 'the source of a mount');
  if ('env' in mount && mount.env !== undefined) checkNoNul(mount.env, 'the variable of a secret');
}

function checkString(text: string, what: () => string): void {
  if (text.includes('\0')) checkNoNul(text, what());
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 < LONGEST_STRING) return;
  const length = countBytes(text) + 1;
  if (length > LONGEST_STRING) throw createTooLongFault(what(), length - 1, LONGEST_STRING - 1);
}

function createTooLongFault(what: string, length: number, most: number): Fault {
  return new Fault('too-long', `${what} is ${length} bytes long: the kernel allows ${most}`, {
    hint: 'write the long text to a file',
  });
}

function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function shortenText(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
