import {
  chmodSync,
  cpSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markDeleted, markOpaque } from '../../src/host/index.ts';
import type { Change } from '../../src/layer/index.ts';
import { readOverlayChanges } from '../../src/snapshot/diff.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshot: changes of an overlay');
const asRoot = withNeeds(test, { root: true });
const root = realpathSync(tempDir('diff'));
let count = 0;

/** An upper directory and one below it, which has `d/file` and `file`. */
function layers() {
  const base = join(root, String(count++));
  const [upper, lower] = [join(base, 'upper'), join(base, 'lower')];
  mkdirSync(join(lower, 'd'), { recursive: true });
  mkdirSync(upper);
  for (const name of ['d/file', 'file']) {
    writeFileSync(join(lower, name), 'same');
    utimesSync(join(lower, name), 1000, 1000);
  }
  return { upper, lower };
}

/** What the lower directory has at a path, as overlayfs copies it up. */
function copyUp({ upper, lower }: ReturnType<typeof layers>, path: string): string {
  cpSync(join(lower, path), join(upper, path), { recursive: true, preserveTimestamps: true });
  return join(upper, path);
}

function changesOf({ upper, lower }: ReturnType<typeof layers>, ...exclude: readonly string[]): Change[] {
  return [...readOverlayChanges({ upper, lowers: [lower], exclude: new Set(exclude) })];
}

/** `+ path`, `! path` for an opaque directory, `- path`. */
function linesOf(changes: readonly Change[]): string[] {
  return changes.map((change) => {
    if (change.kind === 'delete') return `- ${change.path}`;
    return `${change.kind === 'put' && change.opaque === true ? '!' : '+'} ${change.entry.path}`;
  });
}

test('an empty upper directory has no changes', () => {
  assert.equal(changesOf(layers()), []);
});

test('what was copied up and is the same still is no change, and another byte is', () => {
  const place = layers();
  const file = copyUp(place, 'd/file');
  assert.equal(linesOf(changesOf(place)), []);
  writeFileSync(file, 'SAME');
  lutimesSync(file, 1000, 1000);
  assert.equal(linesOf(changesOf(place)), ['+ d', '+ d/file']);
});

test('a mode or a time that is another is a change of a file, a time alone none of a directory', () => {
  const place = layers();
  const file = copyUp(place, 'file');
  utimesSync(file, 1000, 2000);
  mkdirSync(join(place.upper, 'd'));
  utimesSync(join(place.upper, 'd'), 5, 5);
  assert.equal(linesOf(changesOf(place)), ['+ file']);
  chmodSync(join(place.upper, 'd'), 0o700);
  assert.equal(linesOf(changesOf(place)), ['+ d', '+ file']);
});

test('a change is listed after its parent directories; all are sorted, and each appears once', () => {
  const place = layers();
  mkdirSync(join(place.upper, 'new/sub'), { recursive: true });
  for (const name of ['new/sub/b', 'new/sub/a', 'new.txt', 'a']) writeFileSync(join(place.upper, name), '');
  assert.equal(linesOf(changesOf(place)), ['+ a', '+ new', '+ new/sub', '+ new/sub/a', '+ new/sub/b', '+ new.txt']);
});

test('a file says where its bytes are, and of hard links only the first', () => {
  const place = layers();
  writeFileSync(join(place.upper, 'one'), 'four');
  linkSync(join(place.upper, 'one'), join(place.upper, 'two'));
  symlinkSync('one', join(place.upper, 'zlink'));
  const [one, two, link] = changesOf(place);
  assert.ok(one?.kind === 'put' && two?.kind === 'put' && link?.kind === 'put');
  assert.equal(one.content, { kind: 'host', file: join(place.upper, 'one'), offset: 0, size: 4 });
  assert.is(two.content, undefined);
  assert.is(two.entry.inode, one.entry.inode);
  assert.is(link.entry.linkname, 'one');
});

test('a file in place of a directory, and a directory in place of a file, are changes', () => {
  const place = layers();
  writeFileSync(join(place.upper, 'd'), '');
  mkdirSync(join(place.upper, 'file'));
  assert.equal(linesOf(changesOf(place)), ['+ d', '+ file']);
});

asRoot('a mark of a deleted name is a deletion, and none of what was never there', () => {
  const place = layers();
  mkdirSync(join(place.upper, 'd'));
  for (const name of ['file', 'd/file', 'never', 'd/never']) markDeleted(join(place.upper, name));
  const changes = linesOf(changesOf(place)).filter((line) => line !== '+ d');
  assert.equal(changes, ['- d/file', '- file']);
});

asRoot('an opaque directory is told before what is in it, though nothing is', () => {
  const place = layers();
  mkdirSync(join(place.upper, 'd'));
  markOpaque(join(place.upper, 'd'));
  assert.equal(linesOf(changesOf(place)), ['! d']);
  copyUp(place, 'd/file');
  assert.equal(linesOf(changesOf(place)), ['! d', '+ d/file']);
});

test('mount points are left out while they are empty, and told with what is in them', () => {
  const place = layers();
  mkdirSync(join(place.upper, 'run/secrets'), { recursive: true });
  writeFileSync(join(place.upper, 'run/secrets/key'), '');
  assert.equal(linesOf(changesOf(place, 'run/secrets/key')), []);
  assert.equal(linesOf(changesOf(place)), ['+ run', '+ run/secrets', '+ run/secrets/key']);
  writeFileSync(join(place.upper, 'run/secrets/key'), 'content');
  assert.equal(linesOf(changesOf(place, 'run/secrets/key')), ['+ run', '+ run/secrets', '+ run/secrets/key']);
});

test('names that are no UTF-8 are told as path text', () => {
  const place = layers();
  writeFileSync(Buffer.concat([Buffer.from(`${place.upper}/caf`), Buffer.of(0xe9)]), 'x');
  assert.equal(linesOf(changesOf(place)), ['+ caf\udce9']);
});

test.run();
