/** What every sandbox must do. Each backend's test runs this suite on itself. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { isInUserNamespace } from '../../src/host/index.ts';
import type { ProcessSpec, Sandbox, SandboxMount, SandboxSpec } from '../../src/sandbox/index.ts';
import type { Rootfs } from '../../src/snapshot/index.ts';
import { compileEscape, makeBusyboxRoot, pathsBelow } from '../support/busybox-root.ts';
import { startChild } from '../support/child.ts';
import { runStep, type StepResult, stepSpec } from '../support/run-step.ts';

type Add = (name: string, run: () => Promise<void>) => void;

export interface SandboxUnderTest {
  readonly sandbox: Sandbox;
  /** A directory of this backend's own. */
  readonly base: string;
  /** It follows an image whose /proc, /dev or /sys leads elsewhere, instead of refusing it. */
  readonly followsKernelLinks: boolean;
}

interface More {
  readonly process?: Partial<ProcessSpec>;
  readonly step?: Partial<SandboxSpec>;
}

interface NoProgram {
  readonly text: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly code: number;
}

/** Files that are no program, and how a step ends that should run one. */
const NO_PROGRAMS: Readonly<Record<string, NoProgram>> = {
  'a script whose interpreter is missing': { text: '#!/no/such/program\n', code: 127 },
  'a script whose interpreter is no program': { text: '#!/etc/passwd\n', code: 126 },
  'a script with carriage returns': { text: '#!/bin/sh\r\necho\r\n', code: 127 },
  'a text without an interpreter': { text: 'hello\n', code: 126 },
  'a program of another machine': { text: `\u007fELF\u0002\u0001\u0001${'\0'.repeat(60)}`, code: 126 },
  'a script that its user may not run': { text: '#!/bin/sh\n', mode: 0o700, uid: 1234, code: 126 },
  'a script that is its own interpreter': { text: '#!/file\n', code: 127 },
};

export function sandboxContract(test: Add, { sandbox, base, followsKernelLinks }: SandboxUnderTest): void {
  const busybox = makeBusyboxRoot(join(base, 'busybox'));
  let roots = 0;

  const overlayOn = (...lowers: string[]): Rootfs & { kind: 'overlay' } => {
    roots += 1;
    const [upper, work] = [join(base, `upper${roots}`), join(base, `work${roots}`)];
    mkdirSync(upper);
    mkdirSync(work);
    return { kind: 'overlay', lowers: [...lowers, busybox], upper, work };
  };
  const layerOf = (make: (directory: string) => void): string => {
    roots += 1;
    const directory = join(base, `layer${roots}`);
    mkdirSync(directory);
    make(directory);
    return directory;
  };
  const run = (args: readonly string[], more: More = {}, rootfs: Rootfs = overlayOn()): Promise<StepResult> =>
    runStep(sandbox, stepSpec(base, rootfs, args, more));
  const sh = (script: string, more: More = {}, rootfs?: Rootfs): Promise<StepResult> =>
    run(['/bin/sh', '-c', script], more, rootfs);

  test('both outputs come back apart and the exit code as it is', async () => {
    const { stdout, stderr, code } = await sh('echo out; echo err >&2; exit 7');
    assert.equal({ stdout, stderr, code }, { stdout: 'out\n', stderr: 'err\n', code: 7 });
  });

  test('a program ended by a signal counts as 128 and its number', async () => {
    assert.is((await sh('sh -c "kill -SEGV \\$\\$"; exit $?')).code, 139);
  });

  test('a program that does not exist ends with 127, one that may not be run with 126', async () => {
    assert.is((await run(['/no/such/program'])).code, 127);
    assert.is((await run(['/etc/passwd'])).code, 126);
  });

  for (const [what, { text, mode = 0o755, uid = 0, code }] of Object.entries(NO_PROGRAMS)) {
    test(`${what} ends with ${code} and says so`, async () => {
      const layer = layerOf((directory) => writeFileSync(join(directory, 'file'), text, { mode }));
      const { stdout, stderr, ...status } = await run(['/file'], { process: { uid, gid: uid } }, overlayOn(layer));
      assert.equal({ stdout, ...status, mountPoints: 0 }, { stdout: '', code, signal: undefined, mountPoints: 0 });
      assert.match(stderr, /exec:? "?\/file|open executable/);
      assert.not.match(stderr, '{');
    });
  }

  test('what looks like the complaint of a runtime is the output of the program that wrote it', async () => {
    const said = 'exec /bin/other: no such file or directory\nexec /bin/sh';
    const { stderr, code } = await sh(`printf '${said}' >&2; exit 1`);
    assert.equal({ stderr, code }, { stderr: said, code: 1 });
    const json = '{"msg":"exec container process `/bin/sh`: Permission denied","level":"error"}';
    assert.is((await sh(`printf '%s\\nmore' '${json}' >&2; exit 1`)).stderr, `${json}\nmore`);
  });

  test('a working directory that its user may not enter is one', async () => {
    const layer = layerOf((directory) => mkdirSync(join(directory, 'own'), { mode: 0o700 }));
    const process = { uid: 1234, gid: 5678, cwd: '/own' };
    assert.is((await run(['/bin/true'], { process }, overlayOn(layer))).code, 0);
    assert.is((await run(['/bin/ls', '/own'], { process }, overlayOn(layer))).code, 1);
  });

  test('the environment is the given one and nothing else, whatever the names', async () => {
    const env = [
      'PATH=/bin',
      'A=b c',
      'npm_config_@scope:registry=x',
      'BASH_FUNC_mount%%=() { echo trap; }',
      'EMPTY=',
      'HOME=/',
    ];
    const { stdout } = await run(['cat', '/proc/self/environ'], { process: { env } });
    assert.equal(stdout.split('\0').filter(Boolean).sort(), [...env].sort());
  });

  test('loader variables of an image reach its program and not the programs of the host', async () => {
    const env = ['PATH=/bin', 'LD_PRELOAD=/etc/no-such.so', 'LD_LIBRARY_PATH=/nowhere'];
    const { stdout, stderr, code } = await sh('echo $LD_PRELOAD $LD_LIBRARY_PATH', { process: { env } });
    assert.equal({ stdout, stderr, code }, { stdout: '/etc/no-such.so /nowhere\n', stderr: '', code: 0 });
  });

  test('a program named like those of the host, first in the path of the image, is not run outside', async () => {
    const traps = layerOf((directory) => {
      mkdirSync(join(directory, 'trap'));
      for (const name of ['mount', 'setpriv', 'unshare', 'sh', 'env']) {
        writeFileSync(join(directory, 'trap', name), '#!/bin/busybox sh\necho TRAPPED >&2\n', { mode: 0o755 });
      }
    });
    const rootfs = overlayOn(traps);
    const { stdout, stderr } = await run(
      ['/bin/busybox', 'echo', 'fine'],
      { process: { env: ['PATH=/trap:/bin'] } },
      rootfs,
    );
    assert.equal({ stdout, stderr }, { stdout: 'fine\n', stderr: '' });
  });

  test('user, group, further groups, directory and host name are set', async () => {
    const process = { uid: 1234, gid: 5678, additionalGids: [99], cwd: '/tmp', hostname: 'box', env: ['PATH=/bin'] };
    const { stdout } = await sh('id -u; id -g; id -G; pwd; hostname', { process });
    assert.equal(stdout.split('\n').slice(0, 5), ['1234', '5678', '5678 99', '/tmp', 'box']);
  });

  test('only descriptors 0, 1 and 2 are open', async () => {
    const { stdout } = await sh('cd /proc/self/fd; echo *');
    assert.ok(/^0 1 2( 3| 10)?\n$/.test(stdout), stdout); // the shell's own for reading the directory
  });

  test('standard input is at its end at once, or what is given', async () => {
    assert.is((await sh('cat; echo end')).stdout, 'end\n');
    assert.is((await sh('cat; echo end', { step: { stdin: Readable.from(['given ']) } })).stdout, 'given end\n');
  });

  test('the outputs can be opened again by name, by a user too', async () => {
    const { stdout, stderr, code } = await sh('echo a >/dev/stdout; echo b >/dev/stderr', {
      process: { uid: 1234, gid: 1 },
    });
    assert.equal({ stdout, stderr, code }, { stdout: 'a\n', stderr: 'b\n', code: 0 });
  });

  test('a missing working directory is made, the user owns it, and it stays', async () => {
    const rootfs = overlayOn();
    const { stdout } = await run(['pwd'], { process: { cwd: '/srv/new', uid: 7, gid: 8 } }, rootfs);
    assert.is(stdout, '/srv/new\n');
    const stats = lstatSync(join(rootfs.upper, 'srv/new'));
    assert.equal([stats.uid, stats.gid, stats.mode & 0o777], [7, 8, 0o755]);
  });

  test("capabilities are Docker's fourteen for root and none for a user", async () => {
    const caps = async (uid: number) =>
      (await sh('grep Cap /proc/self/status || cat /proc/self/status', { process: { uid } })).stdout;
    const root = await caps(0);
    assert.match(root, /CapEff:\s*00000000a80425fb/);
    assert.match(root, /CapBnd:\s*00000000a80425fb/);
    assert.match(root, /CapInh:\s*0000000000000000/);
    assert.match(await caps(1234), /CapEff:\s*0000000000000000/);
  });

  test('system calls are filtered', async () => {
    const { stdout } = await sh('cat /proc/self/status');
    assert.match(stdout, /Seccomp:\s*2/);
    assert.match(stdout, /NoNewPrivs:\s*0/);
  });

  test("a set-user-id program of the image gains its owner's rights", async () => {
    const suid = layerOf((directory) => {
      mkdirSync(join(directory, 'suid'));
      writeFileSync(join(directory, 'suid/ping'), readFileSync(join(busybox, 'bin/busybox')));
      chmodSync(join(directory, 'suid/ping'), 0o4755);
    });
    const process = { uid: 1234, gid: 5678, network: 'none' } as const;
    const ping = (program: string) => run([program, '-c1', '127.0.0.1'], { process }, overlayOn(suid));
    assert.is((await ping('/bin/ping')).code, 1);
    assert.is((await ping('/suid/ping')).code, 0);
  });

  test('device nodes can be made, if the user is root, but open nothing', async () => {
    const { stdout, stderr } = await sh(
      'mknod /tmp/disk b 254 0 && echo made; cat /tmp/disk; mknod /dev/disk b 254 0; cat /dev/disk',
    );
    assert.is(stdout, isInUserNamespace() ? '' : 'made\n');
    if (!isInUserNamespace()) assert.match(stderr, /tmp\/disk.*(denied|permitted)/);
    assert.match(stderr, /dev\/disk.*(denied|permitted|No such file)/);
  });

  test('/dev has what programs need', async () => {
    const script =
      'cd /dev; for f in null zero full random urandom tty; do test -c $f || echo no $f; done; ' +
      'for f in pts shm mqueue; do test -d $f || echo no $f; done; for f in fd stdin stdout stderr ptmx; do test -L $f || echo no $f; done; ' +
      'echo x >null; touch shm/y new; test -e /dev/ptmx && echo fine';
    assert.is((await sh(script)).stdout, 'fine\n');
  });

  test("the kernel's files are masked and read-only as in Docker", async () => {
    const script =
      'echo x >/proc/sys/kernel/hostname; echo x >/proc/sysrq-trigger; touch /sys/x; ls /sys/firmware; wc -c </proc/timer_list || cat /proc/timer_list';
    const { stdout, stderr } = await sh(script);
    assert.match(stderr, /hostname: Read-only/);
    assert.ok(!stdout.includes('jiffies'));
    assert.match(stderr, /\/sys\/x: Read-only/);
  });

  test('processes of the host are not seen and the step is the first of its own', async () => {
    const { stdout } = await sh('echo $$; cd /proc; echo [0-9]*');
    assert.equal(stdout.split('\n').slice(0, 2), ['1', '1']);
  });

  test('without a network there is the loopback interface and nothing else', async () => {
    const { stdout } = await sh('ls /sys/class/net; ifconfig lo', { process: { network: 'none' } });
    assert.ok(stdout.startsWith('lo\n'), stdout);
    assert.match(stdout, 'UP LOOPBACK');
  });

  test('hosts and resolv.conf are the given ones, read-only, and no trace of them is left', async () => {
    const rootfs = overlayOn();
    const { stdout, stderr } = await sh('cat /etc/hosts /etc/resolv.conf; echo x >>/etc/hosts', {}, rootfs);
    assert.is(stdout, '127.0.0.1 localhost\nnameserver 192.0.2.1\n');
    assert.match(stderr, 'Read-only');
    assert.equal(pathsBelow(rootfs.upper), ['etc']);
    assert.is(lstatSync(join(rootfs.upper, 'etc')).mtimeMs, lstatSync(join(busybox, 'etc')).mtimeMs);
  });

  test('a resolv.conf that is a link to nowhere is followed inside the root', async () => {
    const link = layerOf((directory) => {
      mkdirSync(join(directory, 'etc'));
      symlinkSync('../run/resolve/stub.conf', join(directory, 'etc/resolv.conf'));
    });
    const rootfs = overlayOn(link);
    assert.is((await run(['cat', '/etc/resolv.conf'], {}, rootfs)).stdout, 'nameserver 192.0.2.1\n');
    assert.not(existsSync(join(rootfs.upper, 'run')));
  });

  test('a resolv.conf that is a link to /dev/null stays what it is', async () => {
    const link = layerOf((directory) => {
      mkdirSync(join(directory, 'etc'));
      symlinkSync('/dev/null', join(directory, 'etc/resolv.conf'));
    });
    const { stdout, code } = await sh('cat /etc/resolv.conf; test -c /dev/null', {}, overlayOn(link));
    assert.equal({ stdout, code }, { stdout: '', code: 0 });
  });

  test('limits and the size of shared memory are as asked', async () => {
    const process = {
      ulimits: [
        { name: 'nofile', soft: 64, hard: 128 },
        { name: 'core', soft: 0, hard: 0 },
      ],
      shmSize: 1 << 16,
    };
    const { stdout } = await sh('ulimit -Sn; ulimit -Hn; ulimit -Sc; cat /proc/mounts', { process });
    assert.equal(stdout.split('\n').slice(0, 3), ['64', '128', '0']);
    assert.match(stdout, /\/dev\/shm tmpfs [^\n]*size=64k/);
  });

  test('files and directories of the host are bound where asked, read-only if asked', async () => {
    const source = layerOf((directory) => writeFileSync(join(directory, 'file'), 'content\n'));
    const mounts: SandboxMount[] = [
      { kind: 'bind', source, target: '/cache', readonly: false },
      { kind: 'bind', source, target: '/deep/down/input', readonly: true },
      { kind: 'bind', source: join(source, 'file'), target: '/run/secrets/token', readonly: true },
    ];
    const rootfs = overlayOn();
    const script = 'cat /run/secrets/token; echo new >/cache/new; cat /deep/down/input/new; echo x >/deep/down/input/x';
    const { stdout, stderr } = await sh(script, { step: { mounts } }, rootfs);
    assert.is(stdout, 'content\nnew\n');
    assert.match(stderr, 'Read-only');
    assert.equal(pathsBelow(rootfs.upper), ['etc']);
    assert.is(readFileSync(join(source, 'new'), 'utf8'), 'new\n');
  });

  test('what a step leaves beside a mount point stays, the mount point does not', async () => {
    const source = layerOf(() => {});
    const mounts: SandboxMount[] = [{ kind: 'bind', source, target: '/root/.cache/go', readonly: false }];
    const rootfs = overlayOn();
    await sh('echo x >/root/.cache/other', { step: { mounts } }, rootfs);
    assert.equal(pathsBelow(join(rootfs.upper, 'root')), ['.cache', '.cache/other']);
  });

  test('a tree of several layers is merged, and what is written to it is thrown away', async () => {
    const lower = layerOf((directory) => {
      mkdirSync(join(directory, 'src/sub'), { recursive: true });
      writeFileSync(join(directory, 'src/a'), 'lower a\n');
      writeFileSync(join(directory, 'src/sub/b'), 'lower b\n');
    });
    const upper = layerOf((directory) => {
      mkdirSync(join(directory, 'src'));
      writeFileSync(join(directory, 'src/a'), 'upper a\n');
      symlinkSync('src', join(directory, 'link'));
    });
    const writable = { upper: layerOf(() => {}), work: layerOf(() => {}) };
    const mounts: SandboxMount[] = [
      { kind: 'tree', lowers: [upper, lower], subpath: '/link', target: '/ro', writable: undefined },
      { kind: 'tree', lowers: [upper, lower], subpath: 'src', target: '/rw', writable },
    ];
    const { stdout, stderr } = await sh('cat /ro/a /ro/sub/b; echo x >/rw/new; ls /rw /ro; touch /ro/x', {
      step: { mounts },
    });
    assert.is(stdout, 'upper a\nlower b\n/ro:\na\nsub\n\n/rw:\na\nnew\nsub\n');
    assert.match(stderr, 'Read-only');
    assert.equal(readdirSync(join(upper, 'src')), ['a']);
  });

  test('mounts may be nested, also in a tmpfs', async () => {
    const source = layerOf((directory) => writeFileSync(join(directory, 'file'), 'content\n'));
    const mounts: SandboxMount[] = [
      { kind: 'tmpfs', target: '/run', size: 1 << 20, mode: 0o755 },
      { kind: 'bind', source: join(source, 'file'), target: '/run/secrets/token', readonly: true },
      { kind: 'bind', source, target: '/run/dir', readonly: true },
      { kind: 'bind', source: join(source, 'file'), target: '/dev/pipes/script', readonly: true },
    ];
    const { stdout, stderr } = await sh('cat /run/secrets/token /run/dir/file /dev/pipes/script', { step: { mounts } });
    assert.equal({ stdout, stderr }, { stdout: 'content\ncontent\ncontent\n', stderr: '' });
  });

  test('a mount in a directory that another step keeps replacing by a link never leads out', async () => {
    const canary = layerOf((directory) => mkdirSync(join(directory, 'there')));
    const shared = layerOf((directory) => {
      mkdirSync(join(directory, 'door'));
      symlinkSync(canary, join(directory, 'link'));
    });
    const swapper = await startChild('swap-child.ts', [join(shared, 'door'), join(shared, 'link')]);
    try {
      for (let attempt = 0; attempt < 12; attempt++) {
        const mounts: SandboxMount[] = [
          { kind: 'bind', source: shared, target: '/shared', readonly: false },
          { kind: 'tmpfs', target: `/shared/door/new${attempt}`, size: undefined, mode: 0o755 },
          { kind: 'tmpfs', target: '/shared/door/there', size: undefined, mode: 0o755 },
        ];
        await sh(':', { step: { mounts } }).catch(() => {});
      }
    } finally {
      await swapper.kill();
    }
    assert.equal(pathsBelow(canary), ['there']);
  });

  test('mounts may be nested in a directory that others may write to, whose links stay', async () => {
    const shared = layerOf((directory) => symlinkSync('/bin', join(directory, 'link')));
    const mounts: SandboxMount[] = [
      { kind: 'bind', source: shared, target: '/root/.cache', readonly: false },
      { kind: 'bind', source: layerOf(() => {}), target: '/root/.cache/deep/er', readonly: false },
      { kind: 'tmpfs', target: '/root/.cache/deep/er/est', size: undefined, mode: 0o755 },
    ];
    const script =
      'pwd; touch /root/.cache/a ../b ../est/c; test -e /root/.cache/link/sh && grep -c symfollow /proc/mounts';
    const { stdout, stderr } = await sh(script, { step: { mounts }, process: { cwd: '/root/.cache/deep/er/home' } });
    assert.equal({ stdout, stderr }, { stdout: '/root/.cache/deep/er/home\n0\n', stderr: '' });
    assert.ok(existsSync(join(shared, 'a')));
  });

  test('a target that climbs or follows links stays inside the root', async () => {
    const canary = layerOf((directory) => writeFileSync(join(directory, 'file'), 'content\n'));
    const evil = layerOf((directory) => {
      symlinkSync(`../../../../../../..${canary}`, join(directory, 'out'));
      symlinkSync('loop', join(directory, 'loop'));
    });
    const before = pathsBelow(canary);
    const rootfs = overlayOn(evil);
    const mounts: SandboxMount[] = [{ kind: 'tmpfs', target: '/tmp/../out/sub', size: undefined, mode: 0o755 }];
    assert.is((await sh('touch /out/sub/x', { step: { mounts } }, rootfs)).code, 0);
    assert.equal(pathsBelow(canary), before);
    const loop: SandboxMount[] = [{ kind: 'tmpfs', target: '/loop', size: undefined, mode: 0o755 }];
    await rejects(sh('true', { step: { mounts: loop } }, overlayOn(evil)), 'too many symbolic links');
  });

  for (const path of ['dev', 'proc', 'sys', 'etc']) {
    test(`an image whose /${path} is a link to the host's paths changes nothing outside`, async () => {
      const canary = layerOf((directory) => mkdirSync(join(directory, 'inner')));
      const evil = layerOf((directory) => symlinkSync(`../../../..${canary}`, join(directory, path)));
      const outcome = await sh('true', {}, overlayOn(evil)).catch((error) => error);
      if (followsKernelLinks || path === 'etc') assert.is(outcome.code, 0);
      else assert.ok(outcome instanceof MkimageError && outcome.code === 'sandbox');
      assert.equal(pathsBelow(canary), ['inner']);
    });
  }

  test('a mount point that a step replaces by a link is not removed through it', async () => {
    const canary = layerOf((directory) => mkdirSync(join(directory, 'inner')));
    const source = layerOf(() => {});
    const mounts: SandboxMount[] = [{ kind: 'bind', source, target: '/a/b/inner', readonly: true }];
    const rootfs = overlayOn();
    await sh(`mv /a/b /a/c; ln -s ${canary} /a/b`, { step: { mounts } }, rootfs);
    assert.equal(pathsBelow(canary), ['inner']);
  });

  test('a working directory or program below /proc is refused', async () => {
    await rejects(sh('true', { process: { cwd: '/proc/self/fd/7' } }), 'leads into /proc');
    await rejects(run(['/proc/self/exe']), 'leads into /proc');
  });

  test('the old way out of a chroot leads nowhere', async () => {
    const escaping = layerOf((directory) => compileEscape(join(directory, 'escape')));
    const { stdout, code } = await run(['/escape'], {}, overlayOn(escaping));
    assert.is(code, 0);
    assert.equal(stdout.trim().split('\n').sort(), [
      'bin',
      'dev',
      'escape',
      'etc',
      'home',
      'proc',
      'root',
      'sys',
      'tmp',
      'x',
    ]);
  });

  test('children left in the background are gone when the step is', async () => {
    const source = layerOf(() => {});
    const mounts: SandboxMount[] = [{ kind: 'bind', source, target: '/out', readonly: false }];
    const script =
      '(setsid sh -c "while true; do echo x >>/out/alive; sleep 0.01; done" >/dev/null 2>&1 &); sleep 0.1; exit 3';
    assert.is((await sh(script, { step: { mounts } })).code, 3);
    await staysAsItIs(join(source, 'alive'));
  });

  test('kill ends everything at once, whatever is in its way', async () => {
    const source = layerOf(() => {});
    const mounts: SandboxMount[] = [{ kind: 'bind', source, target: '/out', readonly: false }];
    const script =
      'trap "" TERM INT HUP; (setsid sh -c "while true; do echo x >>/out/alive; sleep 0.01; done" &); while true; do sleep 1; done';
    const spec = stepSpec(base, overlayOn(), ['/bin/sh', '-c', script], { step: { mounts } });
    const running = await sandbox.start(spec, new AbortController().signal);
    running.stdout.resume();
    running.stderr.resume();
    while (!existsSync(join(source, 'alive'))) await sleep(5);
    running.kill();
    running.kill();
    assert.equal(await running.exited, { code: 137, signal: 'SIGKILL' });
    await staysAsItIs(join(source, 'alive'));
  });

  test('an aborted signal kills, one that was aborted before too', async () => {
    const abort = new AbortController();
    const spec = stepSpec(base, overlayOn(), ['/bin/sleep', '100']);
    const running = await sandbox.start(spec, abort.signal);
    running.stdout.resume();
    setTimeout(() => abort.abort(), 100);
    assert.is((await running.exited).code, 137);
    const late = await sandbox.start(stepSpec(base, overlayOn(), ['/bin/sleep', '100']), abort.signal);
    assert.is((await late.exited).code, 137);
  });

  test('when mkimage itself is killed nothing runs on and nothing stays mounted', async () => {
    const own = layerOf(() => {});
    const child = await startChild('step-child.ts', [sandbox.name, own]);
    await child.kill();
    await sleep(50);
    await staysAsItIs(join(own, 'out/alive'));
    assert.not(readFileSync('/proc/self/mounts', 'utf8').includes(base));
    assert.not(commandLines().some((line) => line.includes(own)));
  });

  test('five hundred layers are mounted, one more is refused', async () => {
    const many = join(base, 'a-rather-long-name-for-the-directory-of-all-layers');
    mkdirSync(many);
    const lowers = Array.from({ length: 499 }, (_, index) => join(many, index.toString(36)));
    for (const [index, lower] of lowers.entries()) {
      mkdirSync(lower);
      if (index === 250) writeFileSync(join(lower, 'middle'), '');
    }
    assert.is((await run(['/bin/ls', '/middle'], {}, overlayOn(...lowers))).code, 0);
    await rejects(run(['/bin/true'], {}, overlayOn(...lowers, busybox)), '501 layers');
  });

  test('a root that is a plain directory is used in place', async () => {
    const path = makeBusyboxRoot(join(base, 'plain'));
    const { stdout } = await sh('echo x >/tmp/new; cat /etc/hosts', {}, { kind: 'directory', path });
    assert.is(stdout, '127.0.0.1 localhost\n');
    assert.ok(existsSync(join(path, 'tmp/new')));
    assert.equal(readdirSync(path).sort(), ['bin', 'etc', 'home', 'root', 'tmp']);
  });

  test('paths with blanks, commas and colons are mounted', async () => {
    const odd = layerOf((directory) => mkdirSync(join(directory, 'a b,c:d')));
    const source = join(odd, 'a b,c:d');
    writeFileSync(join(source, 'file'), 'content\n');
    const mounts: SandboxMount[] = [
      { kind: 'bind', source, target: '/x y,z:w', readonly: true },
      {
        kind: 'tree',
        lowers: [odd],
        subpath: 'a b,c:d',
        target: '/tree',
        writable: { upper: layerOf(() => {}), work: layerOf(() => {}) },
      },
    ];
    const { stdout } = await sh('cat "/x y,z:w/file" /tree/file', { step: { mounts } });
    assert.is(stdout, 'content\ncontent\n');
  });

  test('a file that a step may write keeps its owner and mode, and its source stays as it was', async () => {
    const source = layerOf((directory) => {
      writeFileSync(join(directory, 'file'), 'content\n');
      chownSync(join(directory, 'file'), 1234, 5678);
      chmodSync(join(directory, 'file'), 0o640);
    });
    const writable = { upper: layerOf(() => {}), work: layerOf(() => {}) };
    const mount = { kind: 'tree', lowers: [source], subpath: 'file', target: '/file', writable } as const;
    const { stdout } = await sh('stat -c "%u %g %a" /file; echo more >>/file; cat /file', {
      step: { mounts: [mount] },
    });
    assert.is(stdout, '1234 5678 640\ncontent\nmore\n');
    assert.is(readFileSync(join(source, 'file'), 'utf8'), 'content\n');
  });

  test('nothing of a step is mounted outside it', async () => {
    await sh('true');
    assert.not(readFileSync('/proc/self/mounts', 'utf8').includes(base));
  });
}

async function staysAsItIs(file: string): Promise<void> {
  const { size } = lstatSync(file);
  await sleep(60);
  assert.is(lstatSync(file).size, size, 'something still writes');
}

/** Command lines of all processes. */
function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    });
}

async function rejects(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, MkimageError);
  assert.match((error as Error).message, message);
}
