import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileEntry, FileTree } from '../../src/content/index.ts';
import { writeLayout } from '../../src/exporter/image-layout.ts';
import { writeRootfsLocal } from '../../src/exporter/rootfs/rootfs-local.ts';
import { storedImage } from '../../src/exporter/stored-image.ts';
import { removeByDescriptor } from '../../src/host/index.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { putImage } from '../support/images.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

// Somebody else may write to the destination: a directory becomes a link while files are being written into it.
const test = suite('outputs whose directories are swapped for links');
const root = realpathSync(tempDir('swapped-output'));
const call = createQuietCall();
let count = 0;

interface Scene {
  readonly dest: string;
  readonly victim: string;
  /** Puts a link to `victim` in the place of a directory of the destination. */
  swap(path: string): void;
  victimIsWhole(): void;
}

function scene(): Scene {
  const home = join(root, String(count++));
  const [dest, victim] = [join(home, 'dest'), join(home, 'victim')];
  for (const directory of [dest, join(victim, 'sub')]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  for (const file of ['a', 'b', 'precious', 'sub/x']) writeFileSync(join(victim, file), 'precious', { mode: 0o600 });
  const before = statSync(victim);
  return {
    dest,
    victim,
    swap: (path) => {
      renameSync(join(dest, path), join(home, 'aside'));
      symlinkSync(victim, join(dest, path));
    },
    victimIsWhole: () => {
      assert.equal(readdirSync(victim).sort(), ['a', 'b', 'precious', 'sub']);
      for (const file of ['a', 'b', 'precious', 'sub/x']) {
        assert.is(readFileSync(join(victim, file), 'utf8'), 'precious');
        assert.is(lstatSync(join(victim, file)).mode & 0o777, 0o600);
        assert.is(lstatSync(join(victim, file)).nlink, 1);
      }
      assert.is(statSync(victim).mode, before.mode);
      assert.is(statSync(victim).mtimeMs, before.mtimeMs);
    },
  };
}

const ENTRIES: readonly Partial<FileEntry>[] = [
  { path: 'door', type: 'directory', mode: 0o777 },
  { path: 'door/a', type: 'file', size: 3, inode: 'one' },
  { path: 'door/b', type: 'file', size: 3 },
  { path: 'door/link', type: 'symlink', linkname: 'a' },
  { path: 'door/sub', type: 'directory', mode: 0o777 },
  { path: 'door/sub/x', type: 'file', size: 3 },
  { path: 'second', type: 'file', size: 3, inode: 'one' },
];

/** A tree that calls back before a file is written (`locate`) and before a directory is compared (`list`). */
function treeWith(hooks: { locate?: (path: string) => void; list?: (path: string) => void }): FileTree {
  const whole = (entry: Partial<FileEntry>): FileEntry =>
    ({ path: '', type: 'directory', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 1, ...entry }) as FileEntry;
  const entries = ENTRIES.map(whole);
  const parentOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  return {
    stat: (path) => (path === '' ? whole({}) : entries.find((entry) => entry.path === path)),
    list: (path) => {
      hooks.list?.(path);
      return entries.filter((entry) => parentOf(entry.path) === path);
    },
    locate: (path) => {
      hooks.locate?.(path);
      return { kind: 'bytes', bytes: Buffer.from('new') };
    },
    digest: () => digestOf(''),
  };
}

const exportTo = (tree: FileTree, dest: string, mode: 'copy' | 'delete' = 'copy') =>
  writeRootfsLocal(tree, { type: 'local', dest, mode }, { step: 'export/0', call });

for (const moment of ['door/sub/x', 'second']) {
  test(`nothing is written or linked behind a link that appears before \`${moment}\` is written`, async () => {
    const { dest, swap, victimIsWhole } = scene();
    const tree = treeWith({ locate: (path) => path === moment && swap('door') });
    await rejects(exportTo(tree, dest), 'usage');
    victimIsWhole();
    assert.not(existsSync(join(dest, 'second')));
  });
}

test('a directory that was moved away takes what was meant for it along', async () => {
  const { dest, swap, victimIsWhole } = scene();
  const tree = treeWith({ locate: (path) => path === 'door/b' && swap('door') });
  await rejects(exportTo(tree, dest), 'usage');
  victimIsWhole();
  assert.is(readFileSync(join(dest, '../aside/b'), 'utf8'), 'new');
});

test('nothing is removed behind a link that appears before a directory is tidied', async () => {
  const { dest, swap, victimIsWhole } = scene();
  let lists = 0;
  const tree = treeWith({ list: (path) => path === 'door' && ++lists === 1 && swap('door') });
  await rejects(exportTo(tree, dest, 'delete'), 'usage');
  assert.is(lists, 1);
  victimIsWhole();
});

test('a link that is there before gives way to a directory of the image', async () => {
  const { dest, victim, victimIsWhole } = scene();
  symlinkSync(victim, join(dest, 'door'));
  await exportTo(treeWith({}), dest);
  assert.ok(lstatSync(join(dest, 'door')).isDirectory());
  assert.is(readFileSync(join(dest, 'door/a'), 'utf8'), 'new');
  assert.is(lstatSync(join(dest, 'second')).ino, lstatSync(join(dest, 'door/a')).ino);
  victimIsWhole();
});

test('a layout is not written through links in it', async () => {
  const store = LayoutStore.open(join(root, 'store'));
  const target = putImage(store, { label: 'x', layers: [Buffer.from('layer')] });
  const image = await storedImage(store, target, { names: [], platform: { os: 'linux', architecture: 'amd64' } });
  for (const [folder, path] of [
    ['', 'blobs'],
    ['blobs', 'blobs/sha256'],
  ] as const) {
    const { dest, victim, victimIsWhole } = scene();
    mkdirSync(join(dest, folder), { recursive: true });
    symlinkSync(victim, join(dest, path));
    await rejects(writeLayout([image], { dest: dest, step: 'export/0' }, call), 'usage');
    victimIsWhole();
  }
  const { dest, victim } = scene();
  symlinkSync(join(victim, 'a'), join(dest, 'oci-layout'));
  await writeLayout([image], { dest: dest, step: 'export/0' }, call);
  assert.is(readFileSync(join(victim, 'a'), 'utf8'), 'precious');
  assert.ok(lstatSync(join(dest, 'oci-layout')).isFile());
});

test('a folder is removed with all in it, and what links in it lead to stays', () => {
  const { dest, victim, victimIsWhole } = scene();
  mkdirSync(join(dest, 'a/b/c'), { recursive: true });
  for (const path of ['link', 'a/link', 'a/b/link']) symlinkSync(victim, join(dest, path));
  writeFileSync(Buffer.concat([Buffer.from(join(dest, 'a/b/n')), Buffer.of(0xff)]), '');
  removeByDescriptor(dest);
  removeByDescriptor(dest);
  assert.not(existsSync(dest));
  victimIsWhole();
});

test.run();
