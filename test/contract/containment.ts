/** What a step must not be able to do, whatever sandbox it runs in. Each backend's test runs this suite on itself. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { bindForeign, toCString } from '../../src/host/calls/bind-foreign.ts';
import { isInUserNamespace } from '../../src/host/index.ts';
import type { ProcessSpec, Sandbox, SandboxMount, SandboxSpec } from '../../src/sandbox/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { compileIntruder } from '../support/intruder.ts';
import { runStep, type StepResult, stepSpec } from '../support/run-step.ts';

type Add = (name: string, run: () => Promise<void>) => void;

interface More {
  readonly process?: Partial<ProcessSpec>;
  readonly step?: Partial<SandboxSpec>;
}

/** Every attempt of the intruder and how it has to end, by what `docs/isolation.md` says of it. */
const ATTEMPTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'make a user namespace': { userns: 'EPERM', 'userns-by-clone': 'EPERM', 'userns-by-clone3': 'ENOSYS' },
  'make or join other namespaces': { mntns: 'EPERM', 'unshare-nothing': 'EPERM', setns: 'EPERM' },
  'mount, remount, unmount': { mount: 'EPERM', remount: 'EPERM', umount: 'EPERM', pivot_root: 'EPERM' },
  'mount by the newer calls': { fsopen: 'EPERM', open_tree: 'EPERM' },
  'mount a fresh /proc, /sys or cgroup': { 'fresh-proc': 'EPERM', 'fresh-sysfs': 'EPERM', 'fresh-cgroup': 'EPERM' },
  'use keyrings': { keyctl: 'EPERM', keyring: 'EPERM', add_key: 'EPERM' },
  'open files by handle': { 'by-handle': 'EPERM' },
  'load BPF, watch events of the kernel': { bpf: 'EPERM', perf: 'EPERM', userfaultfd: 'EPERM', io_uring: 'EPERM' },
  'talk to the hypervisor': { vsock: 'EPERM' },
  'open device nodes of its own making': { devices: 'EACCES' },
  'change settings of the kernel': isInUserNamespace()
    ? { core_pattern: 'EACCES', sysctl: 'EACCES' }
    : { core_pattern: 'EROFS', sysctl: 'EROFS' },
  'see or signal processes outside': { 'signal-all': 'ESRCH' },
};

export interface Contained {
  readonly sandbox: Sandbox;
  /** A directory of this backend's own. */
  readonly base: string;
}

export function containmentContract(test: Add, { sandbox, base }: Contained): void {
  let busybox: string | undefined;
  let roots = 0;

  const root = (): string => {
    if (busybox !== undefined) return busybox;
    busybox = makeBusyboxRoot(join(base, 'contained'));
    compileIntruder(join(busybox, 'intruder'));
    return busybox;
  };

  const run = (args: readonly string[], more: More = {}): Promise<StepResult> => {
    roots += 1;
    const [upper, work] = [join(base, `contained-upper${roots}`), join(base, `contained-work${roots}`)];
    mkdirSync(upper);
    mkdirSync(work);
    return runStep(sandbox, stepSpec(base, { kind: 'overlay', lowers: [root()], upper, work }, args, more));
  };
  const sh = (script: string, more: More = {}): Promise<StepResult> => run(['/bin/sh', '-c', script], more);
  const intrude = async (attempts: readonly string[], more: More = {}): Promise<Readonly<Record<string, string>>> => {
    const { stdout, stderr } = await run(['/intruder', ...attempts], more);
    assert.is(stderr, '');
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => /(\S+) (\S+)$/.exec(line)!.slice(1)),
    );
  };

  for (const [what, attempts] of Object.entries(ATTEMPTS)) {
    test(`a step as root cannot ${what}`, async () => {
      const mounts: SandboxMount[] = [
        { kind: 'bind', source: directoryOf(base, `cache${roots}`), target: '/cache', readonly: false },
        { kind: 'tmpfs', target: '/scratch', size: undefined, mode: 0o1777 },
      ];
      assert.equal(await intrude(Object.keys(attempts), { step: { mounts } }), attempts);
    });
  }

  test('docs/isolation.md says what this suite sees', async () => {
    const rows = tableOf(readFileSync(new URL('../../docs/isolation.md', import.meta.url), 'utf8'));
    for (const [what, attempts] of Object.entries(ATTEMPTS)) {
      const wanted = [...new Set(Object.values(attempts))].join(', ');
      assert.is(rows.get(what)?.get(`${sandbox.name}${isInUserNamespace() ? ', rootless' : ''}`), wanted, what);
    }
  });

  test('a step does not have the session keyring of the user who started mkimage', async () => {
    addKey('mkimage-test-key');
    const answers = await intrude(['keyring'], { process: { security: 'insecure' } });
    assert.is(answers.keyring, 'ENOKEY');
  });

  test('what a step does to its devices, or to files masked with them, changes none of the host', async () => {
    const before = devicesOfHost();
    const script =
      'chown 1234:1234 /dev/* 2>/dev/null; chmod 600 /dev/* /proc/keys /proc/timer_list /proc/kcore /proc/sched_debug 2>/dev/null; true';
    await sh(script);
    await run(['/bin/true'], { process: { uid: 1234, gid: 1234 } });
    await sh('chmod 600 /dev/null', { process: { security: 'insecure' } });
    assert.equal(devicesOfHost(), before);
    const { stdout } = await sh("stat -c '%U %a' /dev/null", { process: { uid: 1234, gid: 1234 } });
    // In a user namespace, the nodes are those of the host, whose root is nobody there.
    assert.match(stdout, /^(?:root|UNKNOWN) 666\n$/);
  });

  test('a value of the environment is in no command line and in no file of the host', async () => {
    const secret = `s3cret-${Math.floor(lstatSync(root()).mtimeMs)}-value`;
    const env = ['PATH=/bin', `TOKEN=${secret}`];
    const running = run(['/bin/sleep', '1'], { process: { env } });
    for (let look = 0; look < 8; look++) {
      await sleep(60);
      assert.equal(processesThatSay(secret), []);
      assert.equal(filesThatSay(base, secret), []);
    }
    await running;
    assert.equal(filesThatSay(base, secret), []);
  });

  test('a step that signals its process group reaches only itself', async () => {
    const { stdout, code } = await sh('trap "" TERM; sleep 0.1; kill 0; echo lived');
    assert.equal({ stdout, code }, { stdout: 'lived\n', code: 0 });
    const spec = () => sh('sleep 0.1; (sleep 0.3; kill -CONT 0) & kill -TSTP 0; echo went on');
    assert.is((await spec()).stdout, 'went on\n');
  });

  test('a pipe that another step put where a mount goes is mounted over and not waited for', async () => {
    const cache = directoryOf(base, `pipes${roots}`);
    await sh('mkfifo /cache/pipe', {
      step: { mounts: [{ kind: 'bind', source: cache, target: '/cache', readonly: false }] },
    });
    const file = join(directoryOf(base, `file${roots}`), 'file');
    writeFileSync(file, 'content\n');
    const mounts: SandboxMount[] = [
      { kind: 'bind', source: cache, target: '/cache', readonly: false },
      { kind: 'bind', source: file, target: '/cache/pipe', readonly: true },
    ];
    assert.is((await sh('cat /cache/pipe', { step: { mounts } })).stdout, 'content\n');
  });

  for (const args of [['proc/self/exe'], ['exe']]) {
    test(`the program ${args[0]} below /proc is refused however it is found`, async () => {
      await rejects(run(args, { process: { env: ['PATH=/bin:/proc/self'] } }), 'leads into /proc');
    });
  }

  test('control groups cannot be written to', async () => {
    const script =
      'for f in $(cat /proc/mounts | while read -r a b c; do case $b in /sys/fs/cgroup*) echo $b/cgroup.procs $b/*/cgroup.procs;; esac; done); do echo $$ 2>/dev/null >$f && echo wrote $f; done; true';
    assert.is((await sh(script)).stdout, '');
  });

  test('without a network, abstract sockets of the host cannot be reached', async () => {
    const name = `mkimage-test-${process.pid}`;
    const server = createServer();
    await new Promise<void>((listening) => server.listen(`\0${name}`, listening));
    try {
      const answers = await intrude([`abstract=${name}`], { process: { network: 'none' } });
      assert.is(answers[`abstract=${name}`], 'ECONNREFUSED');
    } finally {
      server.close();
    }
  });

  for (const target of ['/proc', '/proc/sys/kernel', '/sys/fs', '/sys', '/dev', '/dev/null', '/dev/pts', '/link/sys']) {
    test(`a mount on ${target} is refused`, async () => {
      const link = directoryOf(base, `links${roots}`);
      symlinkSync('/proc', join(link, 'proc'));
      const mounts: SandboxMount[] = [
        ...(target.startsWith('/link')
          ? ([{ kind: 'bind', source: link, target: '/link', readonly: false }] as const)
          : []),
        { kind: 'tmpfs', target: target.replace('/link', '/link/proc'), size: undefined, mode: 0o755 },
      ];
      const error = await sh('true', { step: { mounts } }).catch((reason) => reason);
      assert.instance(error, MkimageError);
      assert.match(error.message, 'nothing can be mounted on or below /proc, /sys and /dev');
    });
  }

  test('a mount on /dev/shm is what it was asked for, and the only one', async () => {
    const source = directoryOf(base, `shm${roots}`);
    writeFileSync(join(source, 'here'), 'yes\n');
    const mounts: SandboxMount[] = [{ kind: 'bind', source, target: '/dev/shm', readonly: false }];
    const { stdout } = await sh('cat /dev/shm/here; grep -c " /dev/shm " /proc/mounts', { step: { mounts } });
    assert.is(stdout, 'yes\n1\n');
  });

  test('an environment that the kernel does not take is refused by name', async () => {
    const long = run(['/bin/true'], { process: { env: ['PATH=/bin', `LONG_ONE=${'x'.repeat(140_000)}`] } });
    await rejects(long, '`LONG_ONE` has 140009 bytes');
    const many = Array.from({ length: 60 }, (_, index) => `V${index}=${'x'.repeat(120_000)}`);
    await rejects(run(['/bin/true'], { process: { env: ['PATH=/bin', ...many] } }), 'longer than the kernel takes');
    await rejects(run(['/bin/sh', '-c', 'x'.repeat(140_000)]), 'its command has 140000 bytes');
  });
}

function directoryOf(base: string, name: string): string {
  const directory = join(base, name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

function devicesOfHost(): readonly string[] {
  return ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => {
    const { mode, uid, gid } = lstatSync(`/dev/${name}`);
    return `${name} ${mode.toString(8)} ${uid}:${gid}`;
  });
}

const addKeyCall = bindForeign(
  'long syscall(long number, const void *type, const void *description, const void *payload, ulong length, long keyring)',
);
const SYS_add_key: Readonly<Record<string, number>> = { x64: 248, arm64: 217 };
const SESSION_KEYRING = -3;

function addKey(description: string): void {
  const number = SYS_add_key[process.arch]!;
  const payload = Buffer.from('secret');
  const type = toCString('user');
  const key = addKeyCall(number, type, toCString(description), payload, payload.length, SESSION_KEYRING);
  assert.ok(key > 0, 'a key for the test');
}

/** Processes other than this one, and the step itself, in whose arguments a text stands. */
function processesThatSay(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}

/** Files in the scratch folders of steps; links are not followed, since some lead back to where they are. */
function filesThatSay(base: string, text: string): readonly string[] {
  const scratches = readdirSync(base).filter((name) => name.startsWith('scratch'));
  return scratches.flatMap((name) => filesBelow(join(base, name))).filter((file) => saysIn(file, text));
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

function saysIn(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'latin1').includes(text);
  } catch {
    return false; // gone meanwhile
  }
}

/** The table of a Markdown text that begins with `…`: row name to column name to cell. */
export function tableOf(markdown: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const all = markdown.split('\n');
  const lines = all.slice(all.findIndex((line) => line.startsWith('| …'))).filter((line) => line.startsWith('|'));
  const [, ...columns] = cells(lines[0] ?? '');
  return new Map(
    lines.slice(2).map((line) => {
      const [name = '', ...values] = cells(line);
      return [name, new Map(values.map((value, index) => [columns[index] ?? '', value]))];
    }),
  );
}

async function rejects(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, MkimageError);
  assert.match((error as Error).message, message);
}
