/** execve(2) of a traced process: finds the program in the root, with its interpreters, as the kernel would. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { TracedCall } from './call.ts';
import { seeFile } from './file-attributes.ts';
import type { Resolved } from './path-space.ts';

const [ENOENT, ENOEXEC, EACCES, ELOOP] = [-2, -8, -13, -40];
const HEAD = 4096;
const MAX_SCRIPTS = 4;
const EXECVE = 59;
const PT_INTERP = 3;

interface Program {
  /** What the kernel executes. */
  readonly file: Resolved;
  /** The name of the program in the step. */
  readonly name: string;
  /** Arguments before those of the caller, instead of its first one; undefined: all are kept. */
  readonly added: readonly string[] | undefined;
}

/** `index`: the argument with the path; the lists follow. */
export function execute(call: TracedCall, index: number, at?: number): undefined {
  const { tracee } = call;
  const path = call.string(index);
  const list = tracee.argument(index + 1);
  const environment = tracee.argument(index + 2);
  const args = tracee.pointers(list);
  const first = args[0] === undefined ? path : tracee.string(args[0]);
  const descriptor = at === undefined ? undefined : call.number(at);
  const program = findProgram(call, { path, first, ...(descriptor === undefined ? {} : { descriptor }) });
  tracee.call = EXECVE;
  call.replace(0, program.file.host);
  call.replaceArgument(1, program.added === undefined ? list : pushList(call, program.added, args.slice(1)));
  call.replaceArgument(2, environment);
  const previous = call.state.program;
  call.state.program = program.name;
  call.afterwards = (result) => {
    if (result < 0) call.state.program = previous;
    return undefined;
  };
  return undefined;
}

function pushList({ tracee }: TracedCall, added: readonly string[], kept: readonly bigint[]): bigint {
  const pointers = [...added.map((text) => tracee.push(Buffer.from(`${text}\0`, 'latin1'))), ...kept, 0n];
  return tracee.push(Buffer.from(new BigUint64Array(pointers).buffer));
}

interface Wanted {
  readonly path: string;
  readonly first: string;
  readonly descriptor?: number;
}

function findProgram(call: TracedCall, { path, first, descriptor }: Wanted): Program {
  const where = descriptor === undefined ? {} : { descriptor };
  let file = call.resolve(path, { ...where, follow: true });
  let name = path.includes('/') ? path : `./${path}`;
  let script: readonly string[] | undefined;
  for (let scripts = 0; ; scripts++) {
    const head = readHead(file);
    const [, interpreter, argument] = /^#![ \t]*([^ \t\n\0]+)[ \t]*([^\n\0]*)/.exec(head.toString('latin1')) ?? [];
    if (interpreter === undefined) return withLoader(call, { file, name, script, first, head });
    if (scripts === MAX_SCRIPTS) throw fault(ELOOP);
    const option = (argument ?? '').trimEnd();
    script = [interpreter, ...(option === '' ? [] : [option]), name, ...(script ?? []).slice(1)];
    file = call.resolve(interpreter, { follow: true });
    name = interpreter;
  }
}

interface Found {
  readonly file: Resolved;
  readonly name: string;
  readonly script: readonly string[] | undefined;
  readonly first: string;
  readonly head: Buffer;
}

/** The kernel would look for the loader of a dynamic program outside of the root. So the loader is the program that is executed. */
function withLoader(call: TracedCall, { file, name, script, first, head }: Found): Program {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) throw fault(ENOEXEC);
  const interpreter = interpreterOf(file, head);
  if (interpreter === undefined) return { file, name: file.guest, added: script };
  const loader = call.resolve(interpreter, { follow: true });
  readHead(loader);
  const shown = script?.[0] ?? first;
  const options = takesName(loader) ? ['--argv0', shown] : [];
  return { file: loader, name: file.guest, added: [interpreter, ...options, name, ...(script ?? []).slice(1)] };
}

function readHead({ host }: Resolved): Buffer {
  const { mode } = seeFile(host);
  if ((mode & 0o170000) !== 0o100000 || (mode & 0o111) === 0) throw fault(EACCES);
  return readPart(host, 0, HEAD);
}

function readPart(host: Buffer, position: number, length: number): Buffer {
  const file = openSync(host, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, position));
  } finally {
    closeSync(file);
  }
}

/** elf(5): the text of the segment PT_INTERP. */
function interpreterOf({ host }: Resolved, head: Buffer): string | undefined {
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  const table = readPart(host, start, size * count);
  for (let at = 0; at + 56 <= table.length; at += size) {
    if (table.readUInt32LE(at) !== PT_INTERP) continue;
    const text = readPart(host, Number(table.readBigUInt64LE(at + 8)), Number(table.readBigUInt64LE(at + 32)));
    const path = text.toString('latin1').split('\0', 1)[0] ?? '';
    if (path === '') throw fault(ENOENT);
    return path;
  }
  return undefined;
}

const loaders = new Map<string, boolean>();

/** Newer loaders have an option for the first argument. */
function takesName({ host }: Resolved): boolean {
  const key = host.toString('latin1');
  const known = loaders.get(key) ?? readFileSync(host).includes('--argv0');
  loaders.set(key, known);
  return known;
}

function fault(errno: number): Error {
  return Object.assign(new Error(`errno ${errno}`), { errno });
}
