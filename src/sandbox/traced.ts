import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';
import { MkimageError } from '../errors.ts';
import { closeInheritedOnExec, killProcess, openPipe, thisProcessor, thisProgram } from '../host/index.ts';
import { toFsName } from '../tar/index.ts';
import { refuseImpossibleArguments, tooLong } from './arguments.ts';
import { DEVICE_LINKS, DEVICES } from './confinement.ts';
import type { ExitStatus, Probe, RunningProcess, Sandbox, SandboxMount, SandboxSpec } from './index.ts';
import { planTree } from './mounts/user-mounts.ts';
import { probeBy } from './probe.ts';
import { PathSpace, type PlacedMount } from './trace/path-space.ts';
import type { TracedStep } from './trace/traced-step.ts';

/**
 * Isolation without any privilege: the root is no root for the kernel, but every call with a name is stopped and gets the place of the
 * name in the root. Users, owners and devices are those of the image only for the step. It separates a step from the files around
 * mkimage, but not from its processes or its network, and it is no protection from a malicious step.
 */
export function tracedSandbox(): Sandbox {
  return { name: 'chroot', probe, start };
}

async function probe(scratch: string): Promise<Probe> {
  if (thisProcessor() !== 'x64') return { usable: false, detail: `it does not know ${thisProcessor()} processors` };
  if (findTracer() === undefined) return { usable: false, detail: 'the file trace.js of mkimage is missing' };
  return probeBy(start, scratch, 'traced system calls, with seccomp; weaker than the others');
}

async function start(spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess> {
  refuseImpossibleArguments(spec.process);
  const step = planStep(spec);
  closeInheritedOnExec();
  const [stdout, stderr] = [openPipe(), openPipe()];
  const stdin = spec.stdin === undefined ? 'ignore' : 'pipe';
  const stdio = [stdin, stdout.write, stderr.write, 'pipe'] as const;
  const child = spawn(thisProgram(), [findTracer()!], {
    cwd: spec.scratch,
    env: {},
    stdio: [...stdio],
    detached: true,
  });
  for (const file of [stdout.write, stderr.write]) closeSync(file);
  if (spec.stdin !== undefined && child.stdin !== null) {
    child.stdin.on('error', () => {}); // the step may end before it has read everything
    spec.stdin.pipe(child.stdin);
  }
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) killProcess(child.pid);
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const exited = exitOf(child, JSON.stringify(step)).finally(() => signal.removeEventListener('abort', kill));
  exited.catch(() => {});
  const reader = (fd: number) => new Socket({ fd, readable: true, writable: false });
  return { stdout: reader(stdout.read), stderr: reader(stderr.read), exited, kill, mountPoints: new Set() };
}

/** Sends the step to the tracing program, and waits for its answer. If the program is killed, the kernel kills all of the step. */
function exitOf(child: ChildProcess, step: string): Promise<ExitStatus> {
  const channel = child.stdio[3] as Socket;
  const answer: Buffer[] = [];
  channel.on('error', () => {});
  channel.on('data', (chunk: Buffer) => answer.push(chunk));
  channel.end(step);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new MkimageError('sandbox', `start step: ${cause.message}`, { cause })));
    child.once('close', (_, signal) => {
      try {
        if (signal === 'SIGKILL') resolve({ code: 137, signal });
        else resolve({ code: judge(Buffer.concat(answer).toString()), signal: undefined });
      } catch (error) {
        reject(error);
      }
    });
  });
}

const E2BIG = 7;
const ENOENT = 2;

function judge(text: string): number {
  if (text === '') throw new MkimageError('sandbox', 'start step: the tracing program ended early');
  const outcome = JSON.parse(text);
  if (outcome.kind === 'ended') return outcome.code;
  if (outcome.kind === 'failed') {
    const [code = `errno ${outcome.errno}`, why = ''] = getSystemErrorMap().get(-outcome.errno) ?? [];
    throw new MkimageError('sandbox', `start step: ${outcome.doing}: ${why} (${code})`);
  }
  if (outcome.errno === E2BIG) throw tooLong();
  return outcome.errno === ENOENT ? 127 : 126;
}

/** `trace.js` is beside the program; in a checkout it is in `dist`. */
function findTracer(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = [join(folder, 'trace.js'), join(folder, 'dist/trace.js')].find((file) => existsSync(file));
    if (found !== undefined || folder === '/') return found;
  }
}

function planStep(spec: SandboxSpec): TracedStep {
  const { rootfs, scratch, process } = spec;
  if (rootfs.kind !== 'directory')
    throw new MkimageError('sandbox', 'start step: the isolation chroot needs a root that is one directory');
  const root = latin1(rootfs.path);
  const mounts: PlacedMount[] = [];
  const space = new PathSpace(root);
  const add = (target: string, source: string, readonly: boolean): void => {
    const { guest } = space.resolve('/', latin1(target), { pid: 1, follow: true });
    const mount = { target: guest, source: latin1(source), readonly };
    mounts.push(mount);
    space.add(mount);
  };
  for (const [target, source, readonly] of systemMounts(spec)) add(target, source, readonly);
  for (const mount of spec.mounts) add(mount.target, ...sourceOf(mount, scratch, mounts.length));
  return { scratch, root, mounts, process };
}

function latin1(text: string): string {
  return Buffer.from(toFsName(text)).toString('latin1');
}

const TERMINALS = ['/dev/ptmx', '/dev/pts'] as const;

function systemMounts({ scratch, hosts, resolvConf }: SandboxSpec): readonly (readonly [string, string, boolean])[] {
  const dev = join(scratch, 'dev');
  mkdirSync(dev);
  for (const [name, target] of Object.entries(DEVICE_LINKS)) if (name !== 'ptmx') symlinkSync(target, join(dev, name));
  for (const name of [...Object.keys(DEVICES), 'shm']) mkdirSync(join(dev, name));
  chmodSync(join(dev, 'shm'), 0o1777);
  const files = { '/etc/hosts': hosts, '/etc/resolv.conf': resolvConf };
  return [
    ['/proc', '/proc', false],
    ['/proc/sys', '/proc/sys', true],
    ['/sys', '/sys', true],
    ['/dev', dev, false],
    ...Object.keys(DEVICES).map((name) => [`/dev/${name}`, `/dev/${name}`, false] as const),
    ...TERMINALS.filter((path) => existsSync(path)).map((path) => [path, path, false] as const),
    ...Object.entries(files).flatMap(([target, text]) => {
      if (text === undefined) return [];
      const source = join(scratch, target.slice('/etc/'.length));
      writeFileSync(source, text, { mode: 0o644 });
      return [[target, source, true] as const];
    }),
  ];
}

function sourceOf(mount: SandboxMount, scratch: string, index: number): [source: string, readonly: boolean] {
  if (mount.kind === 'bind') return [mount.source, mount.readonly];
  if (mount.kind === 'tmpfs') {
    const folder = join(scratch, `tmpfs${index}`);
    mkdirSync(folder);
    chmodSync(folder, mount.mode | 0o700);
    return [folder, false];
  }
  const { source, options } = planTree(mount, undefined);
  return [source, options.includes('ro')];
}
