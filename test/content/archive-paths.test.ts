import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectoryLinks, type FileEntry, ImpliedPaths, resolveInTree, walkTree } from '../../src/content/index.ts';
import { DEFAULT_LIMITS, setLimits } from '../../src/limits.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('paths of archives');

test.after.each(() => setLimits(DEFAULT_LIMITS));

/** Links of a root, and how often they were looked for. */
function counted(links: Readonly<Record<string, string>>) {
  const looked = { times: 0 };
  const directories = new DirectoryLinks((path) => {
    looked.times++;
    return links[path];
  });
  return { directories, looked };
}

const deep = (depth: number) => Array<string>(depth).fill('p').join('/');

test('lead where a walk through the whole tree would lead', () => {
  const links: Record<string, string> = {
    a: 'b/c',
    'b/c/d': '../../e',
    'e/f': '/a',
    'e/g': '../../../x',
    l: 'l2',
    l2: '.',
  };
  const stat = (path: string) => {
    const linkname = links[path];
    return linkname === undefined ? undefined : ({ type: 'symlink', linkname } as FileEntry);
  };
  const { directories } = counted(links);
  for (const path of ['', 'a', 'a/x', 'a/d', 'a/d/f/d/f/y', 'a/d/g', 'l/l/l2/b/c/d/f', 'none/at/all', 'e/f/d/g/z'])
    assert.is(directories.resolve(path), resolveInTree({ stat }, path), path);
});

test('cost no more in a deep directory than in others', () => {
  const { directories, looked } = counted({});
  assert.is(directories.resolve(deep(2000)), deep(2000));
  assert.is(looked.times, 2000);
  for (let entry = 0; entry < 1000; entry++) directories.resolve(deep(2000));
  assert.is(looked.times, 2000);
  for (let entry = 0; entry < 1000; entry++) directories.resolve(`${deep(2000)}/${entry}`);
  assert.is(looked.times, 3000);
});

test('through a chain of links are followed once', () => {
  const chain = Object.fromEntries(Array.from({ length: 200 }, (_, link) => [`l${link + 1}`, `l${link}`]));
  const { directories, looked } = counted(chain);
  for (let entry = 0; entry < 1000; entry++) assert.is(directories.resolve('l200'), 'l0');
  assert.ok(looked.times < 500, String(looked.times));
});

test('are forgotten when something else takes their place', () => {
  const links: Record<string, string> = { a: 'b' };
  const { directories } = counted(links);
  assert.is(directories.resolve('a/x'), 'b/x');
  links.a = 'c';
  directories.forget();
  assert.is(directories.resolve('a/x'), 'c/x');
});

test('in a loop, or with too many steps in all, are refused', async () => {
  await refuses('not-found', () => counted({ a: 'b', b: 'a' }).directories.resolve('a/x'), /too many symbolic links/);
  setLimits({ ...DEFAULT_LIMITS, ARCHIVE_STEPS: 1000 });
  const { directories } = counted({ l: deep(90) });
  await refuses(
    'limit',
    () => {
      for (let again = 0; again < 20; again++) {
        directories.resolve('l/x');
        directories.forget();
      }
    },
    /more than 1000 steps/,
  );
});

test('without an entry of their own are counted by their length', async () => {
  setLimits({ ...DEFAULT_LIMITS, ARCHIVE_IMPLIED: 100 });
  const implied = new ImpliedPaths();
  implied.count('x'.repeat(60));
  implied.count('x'.repeat(40));
  await refuses('limit', () => implied.count('x'), /more than 100 characters/);
});

test('are walked however deep they are', () => {
  const depth = 20_000;
  const directory = (path: string): FileEntry => ({
    path,
    type: 'directory',
    mode: 0,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
  });
  // Names that stand for their depth: the paths of such a tree would take a gigabyte.
  const tree = {
    stat: (path: string) => directory(path),
    list: (path: string) => (Number(path) < depth ? [directory(String(Number(path) + 1))] : []),
  };
  let last = '';
  for (const entry of walkTree(tree, '0')) last = entry.path;
  assert.is(last, String(depth));
});

test.run();
