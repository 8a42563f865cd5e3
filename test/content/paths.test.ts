import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ancestorsOf,
  comparePaths,
  createDamagedBlobError,
  hashFile,
  joinPath,
  locateContent,
  nameOf,
  parentOf,
  resolveLinks,
  suspectOf,
  withSuspect,
} from '../../src/content/index.ts';
import { MAX_LINKS } from '../../src/content/resolve.ts';
import { MkimageError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/index.ts';
import { refuses, rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('content: paths, links and suspects');
const root = tempDir('content-paths');
const never = new AbortController().signal;
const name = fc.constantFrom('a', 'b', 'a.b', 'a b', 'ü', '日', 'a-', 'A', '...');
const path = fc.array(name, { maxLength: 5 }).map((names) => names.join('/'));
const DIGEST = digestOf(Buffer.from('x'));

test('a path is its parent and its name', () => {
  fc.assert(
    fc.property(path, (at) => {
      assert.is(joinPath(parentOf(at), nameOf(at)), at);
      const ancestors = [...ancestorsOf(at)];
      assert.is(ancestors.length, Math.max(0, at.split('/').length - 1));
      if (ancestors.length > 0) assert.is(ancestors.at(-1), parentOf(at));
    }),
  );
});

test('the order of paths is total, and what a directory holds comes before anything else', () => {
  fc.assert(
    fc.property(path, path, path, (a, b, c) => {
      assert.is(Math.sign(comparePaths(a, b)) + Math.sign(comparePaths(b, a)), 0);
      assert.is(comparePaths(a, b) === 0, a === b);
      if (comparePaths(a, b) <= 0 && comparePaths(b, c) <= 0) assert.ok(comparePaths(a, c) <= 0);
    }),
  );
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 12 }), (paths) => {
      const sorted = [...new Set(paths)].sort(comparePaths);
      for (const directory of sorted) {
        const inside = sorted
          .map((each, index) => (each.startsWith(`${directory}/`) ? index : -1))
          .filter((at) => at >= 0);
        const start = sorted.indexOf(directory) + 1;
        assert.equal(
          inside,
          inside.map((_, index) => start + index),
        );
      }
    }),
  );
});

test('255 links are followed in one path, and not one more', async () => {
  const chain = (length: number) => (at: string) => {
    const number = Number(at.slice(1));
    return number < length ? `l${number + 1}` : undefined;
  };
  assert.is(resolveLinks(chain(MAX_LINKS), 'l0'), `l${MAX_LINKS}`);
  await refuses('not-found', () => resolveLinks(chain(MAX_LINKS + 1), 'l0'), /`l0`: too many symbolic links/);
});

test('a relative path starts at the given directory, an absolute one at the root', () => {
  const links: Readonly<Record<string, string>> = { 'd/up': '../x', 'd/abs': '/x', 'd/here': 'y' };
  const resolve = (at: string) => resolveLinks((each) => links[each], at, { from: 'd' });
  assert.equal(['up', 'abs', 'here', '/up', '.', '..', '../../z'].map(resolve), ['x', 'x', 'd/y', 'up', 'd', '', 'z']);
});

test('a link is followed inside whatever it says, and the result is clean', () => {
  const target = fc
    .array(fc.constantFrom('..', '.', '', 'a', 'b'), { minLength: 1, maxLength: 5 })
    .map((all) => all.join('/'));
  fc.assert(
    fc.property(target, target, target, (a, b, asked) => {
      const links: Readonly<Record<string, string>> = { a, 'b/a': b };
      try {
        assert.not.match(
          resolveLinks((at) => links[at], asked),
          /^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/,
        );
      } catch (error) {
        assert.match(String(error), /too many symbolic links/);
      }
    }),
  );
});

test('a file has its sha256, and what is no file has none', async () => {
  const bytes = Buffer.alloc((2 << 20) + 7, 'x');
  writeFileSync(join(root, 'file'), bytes);
  writeFileSync(join(root, 'empty'), '');
  symlinkSync('file', join(root, 'link'));
  mkdirSync(join(root, 'folder'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const before = readdirSync('/proc/self/fd').length;
  assert.is(await hashFile(join(root, 'file'), never), digestOf(bytes));
  assert.is(await hashFile(join(root, 'empty'), never), digestOf(Buffer.alloc(0)));
  for (const other of ['link', 'folder', 'pipe', 'never'])
    assert.is(await hashFile(join(root, other), never), undefined, other);
  await rejects(hashFile(join(root, 'file'), AbortSignal.abort()), 'cancelled');
  assert.is(readdirSync('/proc/self/fd').length, before);
});

test('an error gets a suspect once, and cancellation never', () => {
  const blob = { kind: 'blob', digest: DIGEST } as const;
  const other = { kind: 'blob', digest: digestOf(Buffer.from('y')) } as const;
  const plain = new MkimageError('invalid-archive', 'damaged');
  assert.equal(suspectOf(withSuspect(blob, plain)), blob);
  assert.is((withSuspect(blob, plain) as MkimageError).code, 'invalid-archive');
  const first = withSuspect(blob, plain);
  assert.is(withSuspect(other, first), first);
  const cancelled = new MkimageError('cancelled', 'cancelled');
  assert.is(withSuspect(blob, cancelled), cancelled);
});

test('what is no error of ours becomes one that keeps its words and its cause', () => {
  const blob = { kind: 'blob', digest: DIGEST } as const;
  const cause = new Error('EIO: i/o error');
  const error = withSuspect(blob, cause) as MkimageError;
  assert.equal([error.code, error.message, error.cause], ['integrity', 'read layer: EIO: i/o error', cause]);
  assert.match((withSuspect(blob, 'a text') as MkimageError).message, /a text/);
  assert.is(suspectOf(cause), undefined);
  assert.is(suspectOf(undefined), undefined);
});

test('a damaged blob is its own suspect', () => {
  const error = createDamagedBlobError({ digest: DIGEST }, '3 bytes');
  assert.equal(suspectOf(error), { kind: 'blob', digest: DIGEST });
  assert.is(error.message, `read blob \`${DIGEST}\`: the store holds 3 bytes under this name`);
});

test('content in a tree is located when it is asked for, and other content is where it is', async () => {
  const host = { kind: 'host', file: '/x', offset: 0, size: 1 } as const;
  const asked: string[] = [];
  const tree = {
    locate: async (at: string) => {
      asked.push(at);
      return host;
    },
  };
  assert.is(await locateContent({ kind: 'in-tree', tree, path: 'a/b' }), host);
  assert.is(locateContent(host), host);
  assert.equal(asked, ['a/b']);
});

test.run();
