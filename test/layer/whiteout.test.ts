import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError } from '../../src/errors.ts';
import {
  deviceWhiteout,
  opaqueMarkerOf,
  refuseReservedName,
  refuseWhiteoutDevice,
  type Whiteout,
  whiteoutAt,
  whiteoutOf,
} from '../../src/layer/whiteout.ts';

const test = suite('whiteouts');

const CASES: readonly (readonly [string, Whiteout | undefined])[] = [
  ['etc/passwd', undefined],
  ['notes.wh.txt', undefined],
  ['dir.wh./file', undefined],
  ['.wh.file', { kind: 'delete', path: 'file' }],
  ['etc/.wh.passwd', { kind: 'delete', path: 'etc/passwd' }],
  ['etc/.wh..hidden', { kind: 'delete', path: 'etc/.hidden' }],
  ['etc/.wh..wh..opq', { kind: 'opaque', path: 'etc' }],
  ['.wh..wh..opq', { kind: 'opaque', path: '' }],
  ['.wh..wh.plnk', { kind: 'ignore' }],
  ['.wh..wh.plnk/12.34', { kind: 'ignore' }],
];

test('a path of a layer is read as a deletion, an opaque mark, a file of AUFS, or an ordinary object', () => {
  for (const [path, expected] of CASES) assert.equal(whiteoutAt(path), expected, path);
});

test('a deletion of nothing, of a directory itself or below another deletion is refused', () => {
  for (const path of ['.wh.', 'etc/.wh.', 'etc/.wh..', 'etc/.wh...', '.wh.a/.wh.b', '.wh.a/b']) {
    assert.throws(
      () => whiteoutAt(path),
      (error: unknown) => isMkimageError(error, 'invalid-archive'),
      path,
    );
  }
});

test('what is written is read as the same deletion', () => {
  for (const path of ['file', 'etc/passwd', 'etc/.hidden']) {
    assert.equal(whiteoutAt(whiteoutOf(path)), { kind: 'delete', path });
  }
  for (const path of ['etc', 'a/b']) assert.equal(whiteoutAt(opaqueMarkerOf(path)), { kind: 'opaque', path });
});

test('only a character device 0:0 is a deletion, and a step cannot write one', () => {
  const device = { major: 0, minor: 0 };
  assert.equal(deviceWhiteout({ type: 'char', device }, 'a'), { kind: 'delete', path: 'a' });
  assert.is(deviceWhiteout({ type: 'block', device }, 'a'), undefined);
  assert.is(deviceWhiteout({ type: 'char', device: { major: 1, minor: 3 } }, 'a'), undefined);
  assert.throws(() => refuseWhiteoutDevice({ type: 'char', device }, 'a'), isUnsupported);
  refuseWhiteoutDevice({ type: 'char', device: { major: 0, minor: 1 } }, 'a');
});

test('a file of a user cannot have a reserved name at any place of its path', () => {
  for (const path of ['.wh.a', 'a/.wh.b', '.wh.a/b']) assert.throws(() => refuseReservedName(path), isUnsupported);
  for (const path of ['a.wh.b', 'wh.a', '.wha/b']) refuseReservedName(path);
});

test.run();

function isUnsupported(error: unknown): boolean {
  return isMkimageError(error, 'unsupported');
}
