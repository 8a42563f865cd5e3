import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalCache } from '../../src/cache/local.ts';
import { StatCache } from '../../src/context/local/stat-cache.ts';
import { digestOf } from '../../src/oci/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('folders of the store');
const asRoot = withNeeds(test, { root: true });
const home = tempDir('own-folders');
const NOBODY = 65534;
let count = 0;

/** A store that was used before. */
function usedStore(): string {
  const root = join(home, String(count++));
  LayoutStore.open(root).putSmall('text/plain', 'something');
  return root;
}

function modeOf(...path: string[]): number {
  return statSync(join(...path)).mode & 0o7777;
}

asRoot('a root that belongs to another user is refused, with what to do', async () => {
  const root = usedStore();
  chownSync(root, NOBODY, NOBODY);
  const error = await refuses('store', () => LayoutStore.open(root), /belongs to another user \(uid 65534\)/);
  assert.ok(error.message.includes(root));
  assert.match(error.hint ?? '', /MKIMAGE_ROOT/);
});

test('a root that others may write to and that holds something is refused', async () => {
  for (const mode of [0o777, 0o1777, 0o770]) {
    const root = usedStore();
    chmodSync(root, mode);
    const error = await refuses('store', () => LayoutStore.open(root), /other users may write to it/);
    assert.match(error.hint ?? '', /chmod go-w/);
    assert.is(modeOf(root), mode, 'it is left as it was');
  }
});

test('an empty root that others may write to is closed to them, but not one like /tmp', async () => {
  const [open, sticky] = [join(home, 'open'), join(home, 'sticky')];
  for (const root of [open, sticky]) mkdirSync(root);
  chmodSync(open, 0o777);
  chmodSync(sticky, 0o1777);
  LayoutStore.open(open);
  assert.is(modeOf(open), 0o700);
  await refuses('store', () => LayoutStore.open(sticky), /other users may write to it/);
  assert.equal(readdirSync(sticky), []);
});

asRoot('what another user put in the way of a folder is refused and not followed', async () => {
  const root = usedStore();
  const precious = join(home, 'precious');
  mkdirSync(precious);
  writeFileSync(join(precious, 'file'), 'precious');
  symlinkSync(precious, join(root, 'cache-v1'));
  await refuses('store', () => LayoutStore.open(root), /cache-v1`: it is a symbolic link/);
  const second = usedStore();
  mkdirSync(join(second, 'snapshots-v1'));
  chownSync(join(second, 'snapshots-v1'), NOBODY, NOBODY);
  await refuses('store', () => LayoutStore.open(second), /snapshots-v1`: it belongs to another user/);
  const third = usedStore();
  mkdirSync(join(third, 'mounts-v1', 'poisoned'), { recursive: true });
  chmodSync(join(third, 'mounts-v1'), 0o777);
  await refuses('store', () => LayoutStore.open(third), /mounts-v1`: other users may write to it/);
  assert.ok(existsSync(join(precious, 'file')));
});

test('folders that others could read are closed to them; what is not ours in the root is left alone', () => {
  const root = usedStore();
  chmodSync(root, 0o755);
  for (const name of ['cache-v1', 'logs', 'photos', 'stat-cache-v1']) mkdirSync(join(root, name), { mode: 0o755 });
  for (const name of ['cache-v1', 'logs', 'photos', 'stat-cache-v1']) chmodSync(join(root, name), 0o755);
  symlinkSync('/nowhere', join(root, 'notes'));
  LayoutStore.open(root);
  for (const name of ['cache-v1', 'logs', 'stat-cache-v1', 'images']) assert.is(modeOf(root, name), 0o700, name);
  assert.is(modeOf(root, 'photos'), 0o755);
  assert.is(modeOf(root), 0o755, 'what lies beside the store may be for others');
});

asRoot('a root reached by a link is used, but not by one that another user put into a folder like /tmp', async () => {
  const root = usedStore();
  const shared = join(home, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  for (const name of ['own', 'planted']) symlinkSync(root, join(shared, name));
  lchownSync(join(shared, 'planted'), NOBODY, NOBODY);
  LayoutStore.open(join(shared, 'own'));
  await refuses('store', () => LayoutStore.open(join(shared, 'planted')), /another user put the link/);
});

asRoot("root makes and uses no store below another user's folder", async () => {
  const theirs = join(home, 'theirs');
  const root = join(theirs, 'folder', 'store');
  mkdirSync(join(theirs, 'folder'), { recursive: true });
  LayoutStore.open(root);
  chownSync(theirs, NOBODY, NOBODY);
  for (const path of [root, join(theirs, 'folder/new')]) {
    const error = await refuses('store', () => LayoutStore.open(path), /its parent folder .* belongs to another user/);
    assert.ok(error.message.includes(`\`${theirs}\``));
  }
  assert.not(existsSync(join(theirs, 'folder/new')));
});

test('files are for their owner alone, whatever the umask', () => {
  const before = process.umask(0);
  try {
    const root = join(home, String(count++));
    const store = LayoutStore.open(root);
    store.putSmall('text/plain', 'something');
    const cache = openLocalCache({ directory: join(root, 'cache-v1'), now: () => 0 });
    cache.saveListing(digestOf('a'), 'a');
    cache.setLastKey('slot', digestOf('key'));
    const memory = StatCache.open(join(root, 'stat-cache-v1', 'context'));
    const stamp = { dev: 1, ino: 1, size: 1, mtimeMs: 1, ctimeMs: 1, mode: 0o644 };
    memory.remember(memory.add('a', stamp), { digest: digestOf('a') });
    memory.save();
    const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
    assert.ok(paths.includes('stat-cache-v1/context') && paths.some((path) => path.startsWith('cache-v1/slots/')));
    assert.equal(
      paths.filter((path) => (modeOf(root, path) & 0o077) !== 0),
      [],
    );
  } finally {
    process.umask(before);
  }
});

test.run();
