import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfinedDirectory, markDeleted } from '../../../src/host/index.ts';
import { withNeeds } from '../../support/needs.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: confined directory');
const asRoot = withNeeds(test, { root: true });
const root = realpathSync(tempDir('confined'));
let count = 0;

/** A fresh directory, its confined form, and the paths that were made in it. */
function confined() {
  const path = join(root, String(count++));
  mkdirSync(path);
  const made: string[] = [];
  const inside = new ConfinedDirectory(path, (directory) => {
    made.push(directory);
    mkdirSync(join(path, directory));
  });
  return { path, inside, made };
}

test('describes what is at a path, without following links', () => {
  const { path, inside } = confined();
  mkdirSync(join(path, 'd'));
  writeFileSync(join(path, 'd/file'), '');
  symlinkSync('/etc', join(path, 'link'));
  const types = ['', 'd', 'd/file', 'link', 'never', 'd/file/below', 'd'].map((at) => inside.typeOf(at));
  assert.equal(types, ['directory', 'directory', 'other', 'symlink', undefined, undefined, 'directory']);
});

test('links lead inside, whatever they say', () => {
  const { path, inside } = confined();
  mkdirSync(join(path, 'etc'));
  symlinkSync('/etc', join(path, 'absolute'));
  symlinkSync('../../../../etc', join(path, 'up'));
  symlinkSync('absolute', join(path, 'etc/chain'));
  assert.is(inside.resolve('absolute/passwd'), 'etc/passwd');
  assert.is(inside.resolve('up/passwd'), 'etc/passwd');
  assert.is(inside.resolve('etc/chain'), 'etc/absolute');
  assert.is(inside.resolve('never/there'), 'never/there');
  assert.is(inside.textPath('etc'), join(path, 'etc'));
  assert.is(inside.textPath(''), path);
});

test('a loop of links is given up', async () => {
  const { path, inside } = confined();
  symlinkSync('b', join(path, 'a'));
  symlinkSync('a', join(path, 'b'));
  await refuses('not-found', () => inside.resolve('a/x'), /too many symbolic links/);
});

test('missing directories are made, parents first and each once', () => {
  const { inside, made } = confined();
  assert.is(inside.resolveDirectory('a/b/c'), 'a/b/c');
  assert.is(inside.resolveDirectory('a/b/d'), 'a/b/d');
  assert.is(inside.resolveDirectory('a/b/c'), 'a/b/c');
  assert.equal(made, ['a', 'a/b', 'a/b/c', 'a/b/d']);
});

test('a directory behind a link is made where the link leads, and never outside', () => {
  const { path, inside, made } = confined();
  symlinkSync(join(root, 'outside'), join(path, 'link'));
  const resolved = inside.resolveDirectory('link/sub');
  assert.is(resolved, `${join(root, 'outside').slice(1)}/sub`);
  assert.ok(existsSync(join(path, resolved)));
  assert.not(existsSync(join(root, 'outside')));
  assert.is(made.at(-1), resolved);
});

test('a directory cannot be made in a file', async () => {
  const { path, inside } = confined();
  writeFileSync(join(path, 'file'), '');
  await refuses('invalid-archive', () => inside.resolveDirectory('file/sub'), /`file` is not a directory/);
});

asRoot('a mark of a deleted name gives way to a directory', () => {
  const { path, inside, made } = confined();
  markDeleted(join(path, 'gone'));
  const again = new ConfinedDirectory(path, (directory) => made.push(directory));
  assert.is(inside.typeOf('gone'), 'other');
  assert.is(again.resolveDirectory('gone/sub'), 'gone/sub');
  assert.equal(made, ['gone', 'gone/sub']);
});

test('what is removed is known no more, and links in it are not followed', () => {
  const { path, inside } = confined();
  mkdirSync(join(root, 'kept'));
  writeFileSync(join(root, 'kept/file'), 'stays');
  inside.resolveDirectory('a/b');
  symlinkSync(join(root, 'kept'), join(path, 'a/link'));
  writeFileSync(Buffer.concat([Buffer.from(`${path}/a/caf`), Buffer.of(0xe9)]), '');
  assert.equal(inside.children('a'), ['a/b', 'a/caf\udce9', 'a/link']);
  const removed: string[] = [];
  inside.remove('a', (directory) => removed.push(directory));
  assert.equal(removed, ['a/b', 'a']);
  assert.is(inside.typeOf('a/b'), undefined);
  assert.is(inside.typeOf('a'), undefined);
  assert.is(readFileSync(join(root, 'kept/file'), 'utf8'), 'stays');
});

test('a link in place of a removed directory is seen', () => {
  const { path, inside } = confined();
  inside.resolveDirectory('a/b');
  inside.remove('a');
  symlinkSync('/etc', join(path, 'a'));
  assert.is(inside.resolve('a/b'), 'etc/b');
});

test('no chain of links gets out', () => {
  const { path, inside } = confined();
  const target = fc.array(fc.constantFrom('..', '.', '', 'l0', 'l1', 'l2', 'd'), { minLength: 1, maxLength: 6 });
  mkdirSync(join(path, 'd'));
  let round = 0;
  fc.assert(
    fc.property(fc.tuple(target, target, target), target, (targets, asked) => {
      const base = `r${round++}`;
      mkdirSync(join(path, base));
      targets.forEach((parts, index) => {
        symlinkSync(parts.join('/') || '/', join(path, base, `l${index}`));
      });
      try {
        assert.not.match(
          inside.resolve(`${base}/${asked.filter((part) => part !== '').join('/') || 'd'}`),
          /(^|\/)\.\.?(\/|$)|^\//,
        );
      } catch (error) {
        assert.match(String(error), /too many symbolic links/);
      }
    }),
    { numRuns: 60 },
  );
});

test.run();
