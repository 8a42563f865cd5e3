/** What no program can be given, and no file be called: the kernel would refuse it with a number instead of a reason. */
import type { RunMount, RunStep } from '../build-plan.ts';
import { Fault } from '../words/fault.ts';
import { splitVariable } from '../words/scope.ts';

/** Bytes of one argument or variable with the NUL that ends it (MAX_ARG_STRLEN). */
const LONGEST_STRING = 131_072;
/** Bytes of a path with the NUL that ends it (PATH_MAX), and of one name in it (NAME_MAX). */
const LONGEST_PATH = 4096;
const LONGEST_NAME = 255;

/** Throws a Fault for the first string of a step, be it the base's, that would not reach its program whole. */
export function checkProgram(step: Pick<RunStep, 'args' | 'env' | 'user' | 'workdir' | 'mounts'>): void {
  for (const [index, arg] of step.args.entries()) {
    checkString(arg, () =>
      index === step.args.length - 1 ? 'the command' : `\`${shortened(arg)}\` before the command`,
    );
  }
  checkEnvironment(step.env);
  checkNoNul(step.user, 'USER');
  checkPath(step.workdir, 'the working directory');
  for (const mount of step.mounts) checkMount(mount);
}

const checked = new WeakSet<RunStep['env']>();

/** Steps between which nothing was set have the same list, which is looked at once. */
function checkEnvironment(env: RunStep['env']): void {
  if (checked.has(env)) return;
  for (const line of env) checkString(line, () => `variable \`${shortened(splitVariable(line)[0])}\``);
  checked.add(env);
}

/** Throws a Fault if no file can be called so. */
export function checkPath(path: string, what: string): void {
  checkNoNul(path, what);
  if (path.length * 3 <= LONGEST_NAME) return;
  const length = byteLength(path);
  if (length >= LONGEST_PATH) throw tooLong(what, length, LONGEST_PATH - 1);
  if (length <= LONGEST_NAME) return;
  const name = path.split('/').find((part) => part.length > LONGEST_NAME / 3 && byteLength(part) > LONGEST_NAME);
  if (name !== undefined) throw tooLong(`\`${shortened(name)}\` in ${what}`, byteLength(name), LONGEST_NAME);
}

/** Throws a Fault for a text with a NUL, where programs and file names end. */
export function checkNoNul(text: string, what: string): void {
  if (!text.includes('\0')) return;
  throw new Fault('nul-byte', `${what} has a NUL byte`, { hint: 'no program and no file name can hold one' });
}

function checkMount(mount: RunMount): void {
  checkPath(mount.target, 'the target of a mount');
  if ('source' in mount) checkPath(mount.source, 'the source of a mount');
  if ('env' in mount && mount.env !== undefined) checkNoNul(mount.env, 'the variable of a secret');
}

function checkString(text: string, what: () => string): void {
  if (text.includes('\0')) checkNoNul(text, what());
  // A UTF-16 unit is three bytes at most.
  if (text.length * 3 < LONGEST_STRING) return;
  const length = byteLength(text) + 1;
  if (length > LONGEST_STRING) throw tooLong(what(), length - 1, LONGEST_STRING - 1);
}

function tooLong(what: string, length: number, most: number): Fault {
  return new Fault('too-long', `${what} is ${length} bytes long: the kernel takes ${most}`, {
    hint: 'put what is long into a file',
  });
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
