import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  findInStack,
  isOpaque,
  isWhiteout,
  markDeleted,
  markOpaque,
  readLowerAttributes,
} from '../../../src/host/index.ts';
import { withNeeds } from '../../support/needs.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: overlay stack');
const asRoot = withNeeds(test, { root: true });
const root = tempDir('overlay-stack');
let count = 0;

/** Directories, topmost first, of lines `path` (file), `path/` and `path -> target`, `!path` (deleted), `path/ opaque`. */
function stackOf(...layers: readonly (readonly string[])[]): string[] {
  const base = join(root, String(count++));
  return layers.map((lines, index) => {
    const layer = join(base, String(index));
    mkdirSync(layer, { recursive: true });
    for (const line of lines) put(layer, line);
    return layer;
  });
}

function put(layer: string, line: string): void {
  const [name = '', target] = line.split(' -> ');
  const path = join(layer, name.replace(/^!| opaque$/g, ''));
  mkdirSync(dirname(path), { recursive: true });
  if (target !== undefined) symlinkSync(target, path);
  else if (name.startsWith('!')) markDeleted(path);
  else if (/\/( opaque)?$/.test(name)) mkdirSync(path, { recursive: true });
  else writeFileSync(path, '');
  if (name.endsWith(' opaque')) markOpaque(path.replace(/\/$/, ''));
}

test('the topmost file and link win, and a link is not followed', () => {
  const stack = stackOf(['file', 'link -> file'], ['file', 'link', 'low']);
  assert.equal(findInStack(stack, 'file'), { kind: 'file', file: join(stack[0]!, 'file') });
  assert.equal(findInStack(stack, 'link'), { kind: 'symlink', target: 'file', file: join(stack[0]!, 'link') });
  assert.equal(findInStack(stack, 'low'), { kind: 'file', file: join(stack[1]!, 'low') });
});

test('nothing is missing, and a stack of nothing has nothing', () => {
  assert.equal(findInStack(stackOf([], []), 'x'), { kind: 'missing' });
  assert.equal(findInStack([], 'x'), { kind: 'missing' });
});

test('directories are merged, and a file below them ends that', () => {
  const stack = stackOf(['d/'], [], ['d/'], ['d'], ['d/']);
  assert.equal(findInStack(stack, 'd'), { kind: 'directory', stack: [join(stack[0]!, 'd'), join(stack[2]!, 'd')] });
});

test('a file above directories hides them', () => {
  const stack = stackOf(['d'], ['d/']);
  assert.is(findInStack(stack, 'd').kind, 'file');
});

asRoot('a mark of a deleted name hides what is below, and directories above it stay', () => {
  const stack = stackOf(['d/'], ['!d', '!x'], ['d/', 'x']);
  assert.equal(findInStack(stack, 'd'), { kind: 'directory', stack: [join(stack[0]!, 'd')] });
  assert.equal(findInStack(stack, 'x'), { kind: 'missing' });
  assert.ok(isWhiteout(lstatSync(join(stack[1]!, 'x'), { bigint: true })));
});

asRoot('an opaque directory is the last of its kind', () => {
  const stack = stackOf(['d/'], ['d/ opaque'], ['d/']);
  assert.equal(findInStack(stack, 'd'), { kind: 'directory', stack: [join(stack[0]!, 'd'), join(stack[1]!, 'd')] });
  assert.ok(isOpaque(join(stack[1]!, 'd')));
  assert.not(isOpaque(join(stack[0]!, 'd')));
});

test('a character device with a number, and a file, are no marks', () => {
  assert.not(isWhiteout(lstatSync('/dev/null', { bigint: true })));
  const [layer] = stackOf(['file']);
  assert.not(isWhiteout(lstatSync(join(layer!, 'file'), { bigint: true })));
});

test('the attributes of a directory are those of the topmost, and a file has none', () => {
  const stack = stackOf(['a/'], ['a/b/', 'file']);
  assert.is(readLowerAttributes(stack, 'a')?.ino, lstatSync(join(stack[0]!, 'a')).ino);
  assert.is(readLowerAttributes(stack, 'a/b')?.ino, lstatSync(join(stack[1]!, 'a/b')).ino);
  assert.is(readLowerAttributes(stack, 'file'), undefined);
  assert.is(readLowerAttributes(stack, 'file/below'), undefined);
  assert.is(readLowerAttributes(stack, 'never'), undefined);
});

test.run();
