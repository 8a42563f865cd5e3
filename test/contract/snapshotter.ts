/** What every snapshotter must do. Each backend's test runs this suite on itself. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { FileEntry } from '../../src/content/index.ts';
import { makeNode } from '../../src/host/index.ts';
import type { Change } from '../../src/layer/index.ts';
import { type ChainId, computeChainId, digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import type { SnapshotterOptions, UnpackTarget } from '../../src/snapshot/chain-snapshotter.ts';
import type { ActiveSnapshot, Snapshotter } from '../../src/snapshot/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { makeDeepTree } from '../support/deep-tree.ts';
import { refuses } from '../support/rejects.ts';
import { runStep, stepSpec } from '../support/run-step.ts';

type Add = (name: string, run: () => Promise<void>) => void;

export interface SnapshotterUnderTest {
  readonly open: (options: SnapshotterOptions) => Snapshotter;
  readonly sandbox: Sandbox;
  readonly base: string;
  /** Whether a directory that was removed and made again is told as one opaque directory. */
  readonly opaque: boolean;
}

/** Layers by what they hold; a test's own way to unpack. */
const CONTENTS: Readonly<Record<string, (target: UnpackTarget) => void>> = {
  base: ({ directory }) => {
    makeBusyboxRoot(directory);
    for (const name of ['kept', 'doomed', 'refilled/old', 'etc/app'])
      mkdirSync(join(directory, name), { recursive: true });
    for (const name of ['kept/a', 'kept/b', 'doomed/c', 'refilled/old/d', 'etc/app/conf']) {
      writeFileSync(join(directory, name), `${name}\n`);
    }
  },
  top: ({ directory, whiteouts }) => {
    mkdirSync(join(directory, 'kept'), { recursive: true });
    writeFileSync(join(directory, 'kept/b'), 'b of top\n');
    if (whiteouts === 'delete') rmSync(join(directory, 'kept/a'));
    else makeNode(join(directory, 'kept/a'), 0o020000, { major: 0, minor: 0 });
  },
};

/** Of many layers one: it says its number, and takes away the file of the one below it. */
function putNumber(number: number, { directory, whiteouts }: UnpackTarget): void {
  mkdirSync(join(directory, 'numbers'), { recursive: true });
  writeFileSync(join(directory, 'counted'), `${number}\n`);
  writeFileSync(join(directory, `numbers/${number}`), '');
  if (number === 0) return;
  const before = join(directory, `numbers/${number - 1}`);
  if (whiteouts === 'delete') rmSync(before);
  else makeNode(before, 0o020000, { major: 0, minor: 0 });
}

export function snapshotterContract(test: Add, { open, sandbox, base, opaque }: SnapshotterUnderTest): void {
  let unpacked: string[] = [];
  let failing = false;
  const maker = {
    name: 'here.1.1',
    livenessOf: (name: string) => (name.startsWith('dead') ? 'dead' : 'alive'),
  } as const;
  const unpack: SnapshotterOptions['unpack'] = async (layer, target) => {
    const name = layer.blob.annotations?.name ?? '';
    unpacked.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    if (name.startsWith('number ')) putNumber(Number(name.slice(7)), target);
    CONTENTS[name]?.(target);
    if (failing) throw new Error('the disk is full');
  };
  const directory = join(base, 'store');
  const snapshotter = open({ directory, maker, unpack });

  /** Runs a shell script on a snapshot of the two layers and returns its changes. */
  const changesOf = async (script: string, layers = LAYERS): Promise<readonly Change[]> => {
    await using snapshot = await snapshotter.prepare(layers, createQuietCall());
    return await runIn(snapshot, script);
  };
  const runIn = async (snapshot: ActiveSnapshot, script: string): Promise<readonly Change[]> => {
    const result = await runStep(sandbox, stepSpec(base, snapshot.rootfs, ['/bin/sh', '-ec', script]));
    assert.is(result.code, 0, result.stderr);
    return [...snapshot.changes({ exclude: result.mountPoints })];
  };

  test('layers are stacked, and each is unpacked once, also for several requests', async () => {
    const [one, two] = await Promise.all([
      snapshotter.prepare(LAYERS, createQuietCall()),
      snapshotter.prepare(LAYERS, createQuietCall()),
    ]);
    await snapshotter.prepare(LAYERS, createQuietCall()).then((three) => three[Symbol.asyncDispose]());
    assert.equal(unpacked.sort(), ['base', 'top']);
    await using first = one;
    await using _second = two;
    const { stdout } = await runStep(sandbox, stepSpec(base, first.rootfs, ['/bin/sh', '-c', 'cat kept/b; ls kept']));
    assert.is(stdout, 'b of top\nb\n');
  });

  test('of equal layers one is unpacked, and the topmost counts', async () => {
    unpacked = [];
    const [low, high] = LAYERS as [Layer, Layer];
    const other = layer('other');
    const stack = [low, ...Array<Layer>(300).fill(high), other, ...Array<Layer>(300).fill(high)];
    await using snapshot = await snapshotter.prepare(stack, createQuietCall());
    const { stdout } = await runStep(
      sandbox,
      stepSpec(base, snapshot.rootfs, ['/bin/sh', '-c', 'cat kept/b; ls kept']),
    );
    assert.is(stdout, 'b of top\nb\n');
    assert.ok(unpacked.filter((name) => name === 'top').length <= 1, String(unpacked));
  });

  test('there may be more layers than a mount can have, and each hides what it hides', async () => {
    unpacked = [];
    const stack = [...LAYERS, ...Array.from({ length: 700 }, (_, number) => layer(`number ${number}`))];
    for (const height of [460, 702]) {
      const snapshot = await snapshotter.prepare(stack.slice(0, height), createQuietCall());
      const script = 'cat counted; ls numbers; cat kept/b; echo new >kept/new';
      const { stdout } = await runStep(sandbox, stepSpec(base, snapshot.rootfs, ['/bin/sh', '-c', script]));
      assert.is(stdout, `${height - 3}\n${height - 3}\nb of top\n`);
      const changes = [...snapshot.changes({ exclude: new Set() })].map(brief);
      assert.equal(
        changes.filter((change) => !/^\+ (dev|proc|sys)/.test(change)),
        ['+ kept', '+ kept/new'],
      );
      await snapshot[Symbol.asyncDispose]();
    }
    // The lowest hundred, merged for the first height, are merged again with two hundred more.
    assert.ok(unpacked.length <= 702 + 300, String(unpacked.length));
  });

  test('a step that changes nothing has no changes, whatever was mounted for it', async () => {
    assert.equal(await changesOf('cat /etc/hosts /proc/version >/dev/null; : >>/kept/b'), []);
  });

  test('added, changed and removed files are listed, parents first', async () => {
    const script =
      'echo new >kept/new; echo more >>kept/b; rm -r doomed; ln -s b kept/link; chmod 700 etc/app; mkdir -p x/y';
    assert.equal((await changesOf(script)).map(brief), [
      '- doomed',
      '+ etc',
      '+ etc/app',
      '+ kept',
      '+ kept/b',
      '+ kept/link',
      '+ kept/new',
      '+ x',
      '+ x/y',
    ]);
  });

  test('entries have their mode, owner, size and target, and files tell where their bytes are', async () => {
    const changes = await changesOf(
      'echo new >kept/new; chmod 4751 kept/new; ln -s ../b kept/link; mknod kept/fifo p; mknod kept/dev c 1 300',
    );
    const entries = new Map(changes.map((change) => [pathOf(change), change.kind === 'put' ? change : undefined]));
    assert.is(entries.get('kept/new')?.entry.mode, 0o4751);
    assert.is(entries.get('kept/new')?.entry.size, 4);
    assert.is(entries.get('kept/new')?.content?.kind, 'host');
    assert.is(entries.get('kept/link')?.entry.linkname, '../b');
    assert.is(entries.get('kept/fifo')?.entry.type, 'fifo');
    assert.equal(entries.get('kept/dev')?.entry.device, { major: 1, minor: 300 });
    assert.is(entries.get('kept')?.content, undefined);
  });

  test('hard links share an inode, and only the first has content', async () => {
    const changes = await changesOf('echo x >kept/one; ln kept/one kept/two; rm kept/b doomed/c');
    const links = changes.flatMap((change) =>
      change.kind === 'put' && change.entry.inode !== undefined ? [change] : [],
    );
    assert.equal(
      links.map(({ entry }) => entry.path),
      ['kept/one', 'kept/two'],
    );
    assert.is(links[0]?.entry.inode, links[1]?.entry.inode);
    assert.equal(
      links.map(({ content }) => content !== undefined),
      [true, false],
    );
    // Whiteouts share an inode too and must not be taken for links.
    assert.equal(changes.filter(({ kind }) => kind === 'delete').map(pathOf), ['doomed/c', 'kept/b']);
  });

  test('a directory that is removed and made again hides what was in it', async () => {
    const changes = await changesOf('rm -r refilled; mkdir refilled; echo new >refilled/new');
    const told = changes.map((change) =>
      change.kind === 'put' && change.opaque === true ? `${brief(change)}!` : brief(change),
    );
    assert.equal(told, opaque ? ['+ refilled!', '+ refilled/new'] : ['+ refilled', '+ refilled/new', '- refilled/old']);
  });

  test('a file in place of a directory, and a directory in place of a file', async () => {
    const changes = await changesOf('rm -r doomed kept/b; echo x >doomed; mkdir kept/b');
    assert.equal(changes.map(brief), ['+ doomed', '+ kept', '+ kept/b']);
    assert.equal(
      changes.map((change) => entryOf(change)?.type),
      ['file', 'directory', 'directory'],
    );
  });

  test('sockets are passed over', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    makeNode(join(writableOf(snapshot), 'socket'), 0o140644, { major: 0, minor: 0 });
    assert.equal([...snapshot.changes({ exclude: new Set() })], []);
  });

  test('names that are not UTF-8 keep their bytes', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    writeFileSync(Buffer.concat([Buffer.from(`${writableOf(snapshot)}/caf`), Buffer.of(0xe9)]), 'x');
    assert.equal([...snapshot.changes({ exclude: new Set() })].map(pathOf), ['caf\udce9']);
  });

  test('excluded mount points are left out while they are empty', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    const top = writableOf(snapshot);
    for (const name of ['run/secrets', 'cache', 'used']) mkdirSync(join(top, name), { recursive: true });
    for (const name of ['run/secrets/token', 'used/file']) writeFileSync(join(top, name), '');
    const exclude = new Set(['run/secrets/token', 'cache', 'used']);
    assert.equal([...snapshot.changes({ exclude })].map(brief), ['+ used', '+ used/file']);
  });

  test("a committed step is the next one's base without being unpacked", async () => {
    unpacked = [];
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    await runIn(snapshot, 'echo made >kept/made; rm kept/b');
    const made = layer('made');
    await snapshot.commit(chainOf([...LAYERS, made]));
    await using next = await snapshotter.prepare([...LAYERS, made], createQuietCall());
    const { stdout } = await runStep(sandbox, stepSpec(base, next.rootfs, ['/bin/sh', '-c', 'cat kept/made; ls kept']));
    assert.is(stdout, 'made\nmade\n');
    assert.equal(unpacked, []);
  });

  test('committing a chain that is there already keeps the one that is there', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    await runIn(snapshot, 'echo other >kept/other');
    await snapshot.commit(chainOf(LAYERS));
    await using view = await snapshotter.view(LAYERS, createQuietCall());
    assert.not(view.lowers.some((lower) => existsSync(join(lower, 'kept/other'))));
  });

  test('an image without layers has an empty root', async () => {
    await using snapshot = await snapshotter.prepare([], createQuietCall());
    writeFileSync(join(writableOf(snapshot), 'first'), 'x');
    assert.equal([...snapshot.changes({ exclude: new Set() })].map(brief), ['+ first']);
    assert.is(lstatSync(writableOf(snapshot)).mode & 0o777, 0o755);
  });

  test('each step begins with a root of mode 0755 that root owns, whatever the one before made of its own', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    assert.equal(await runIn(snapshot, 'chmod 555 /; chown 5:6 /'), []);
    const made = [...LAYERS, layer('root changed')];
    await snapshot.commit(chainOf(made));
    await using next = await snapshotter.prepare(made, createQuietCall());
    const { stdout } = await runStep(sandbox, stepSpec(base, next.rootfs, ['/bin/sh', '-c', 'stat -c "%a %u:%g" /']));
    assert.is(stdout, '755 0:0\n');
    await using view = await snapshotter.view(made, createQuietCall());
    assert.is(lstatSync(`${view.lowers[0]}/.`).mode & 0o7777, 0o755);
  });

  test('a file written again with the same content is no change, nor is a directory with another time', async () => {
    const script = `
      chown 0:0 kept kept/b bin/sh etc/app/conf; chown -h 0:0 bin/ls; chmod 644 kept/b
      touch etc kept; echo x >kept/x; rm kept/x; cp -p kept/b kept/c; mv kept/c kept/b`;
    assert.equal((await changesOf(script)).map(brief), []);
  });

  test('a time, owner, mode or byte that is another is a change', async () => {
    const script = 'touch -d @9 kept/b; chown 5 etc/app; chmod 600 etc/app/conf; chown -h 5 bin/ls';
    assert.equal((await changesOf(script)).map(brief), [
      '+ bin',
      '+ bin/ls',
      '+ etc',
      '+ etc/app',
      '+ etc/app/conf',
      '+ kept',
      '+ kept/b',
    ]);
    const other = 'touch -r kept/b /kept/time; echo "b of TOP" >kept/b; touch -r kept/time kept/b; rm kept/time';
    assert.equal((await changesOf(other)).map(brief), ['+ kept', '+ kept/b']);
  });

  test('a layer that fails to unpack leaves nothing that is believed', async () => {
    failing = true;
    const broken = [layer('base', 'broken')];
    const error = await snapshotter.prepare(broken, createQuietCall()).catch((reason) => reason);
    failing = false;
    assert.is(error.message, 'the disk is full');
    unpacked = [];
    await (await snapshotter.prepare(broken, createQuietCall()))[Symbol.asyncDispose]();
    assert.equal(unpacked, ['base']);
  });

  test('two processes that unpack the same chain do not hurt each other', async () => {
    const layers = [layer('base', 'raced'), layer('top', 'raced')];
    const others = [0, 1, 2].map(() => open({ directory, maker, unpack }));
    const views = await Promise.all(others.map((other) => other.view(layers, createQuietCall())));
    assert.is(new Set(views.map(({ lowers }) => lowers.join())).size, 1);
    assert.is(readFileSync(join(views[0]!.lowers[0]!, 'kept/b'), 'utf8'), 'b of top\n');
  });

  test('pruning removes unwanted chains and what the dead left, and nothing else', async () => {
    await (await snapshotter.prepare(LAYERS, createQuietCall()))[Symbol.asyncDispose]();
    const active = join(directory, 'active');
    for (const name of ['dead.1.1-abc', 'here.2.2-abc']) mkdirSync(join(active, name, 'fs'), { recursive: true });
    const freed = await snapshotter.prune(
      (chain) => chain === chainOf(LAYERS) || chain === chainOf(LAYERS.slice(0, 1)),
      60_000,
    );
    assert.ok(freed > 0);
    assert.equal(readdirSync(active), ['here.2.2-abc']);
    rmSync(join(active, 'here.2.2-abc'), { recursive: true });
    unpacked = [];
    await (await snapshotter.prepare(LAYERS, createQuietCall()))[Symbol.asyncDispose]();
    assert.equal(unpacked, []);
    await snapshotter.prune(() => false, 60_000);
    assert.equal(readdirSync(join(directory, 'l')), []);
    await (await snapshotter.prepare(LAYERS, createQuietCall()))[Symbol.asyncDispose]();
    assert.equal(unpacked.sort(), ['base', 'top']);
  });

  test('a tree that no path reaches to the end of is refused by its path, and given up all the same', async () => {
    const snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    makeDeepTree(writableOf(snapshot), 'deep', 2000);
    const look = () => [...snapshot.changes({ exclude: new Set() })];
    await refuses('step-failed', look, /^read changes of the step: the path `\/deep\/dd\/.*\/dd` is too long/);
    await snapshot[Symbol.asyncDispose]();
    assert.equal(readdirSync(join(directory, 'active')), []);
  });

  test('a thousand folders in one another are told like any', async () => {
    await using snapshot = await snapshotter.prepare(LAYERS, createQuietCall());
    makeDeepTree(writableOf(snapshot), 'deep', 1000);
    const paths = [...snapshot.changes({ exclude: new Set() })].map(pathOf);
    assert.equal([paths.length, paths.at(-1)], [1001, `deep${'/dd'.repeat(999)}/file`]);
  });

  test('an active snapshot that is given up leaves nothing', async () => {
    await (await snapshotter.prepare(LAYERS, createQuietCall()))[Symbol.asyncDispose]();
    assert.equal(readdirSync(join(directory, 'active')), []);
  });
}

function layer(name: string, salt = ''): Layer {
  const digest = digestOf(`${name} ${salt}`);
  return { diffId: digest, blob: { mediaType: MEDIA_TYPE.layer, digest, size: 1, annotations: { name } } };
}

const LAYERS = [layer('base'), layer('top')];

function chainOf(layers: readonly Layer[]): ChainId {
  return computeChainId(layers.map(({ diffId }) => diffId));
}

function writableOf({ rootfs }: ActiveSnapshot): string {
  return rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path;
}

function entryOf(change: Change): FileEntry | undefined {
  return change.kind === 'put' ? change.entry : undefined;
}

function pathOf(change: Change): string {
  return change.kind === 'put' ? change.entry.path : change.path;
}

function brief(change: Change): string {
  return `${change.kind === 'put' ? '+' : '-'} ${pathOf(change)}`;
}
