import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError } from '../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { bytesOfText, type TarEntry, type TarHeader, TarReader, TarWriter, textOfBytes } from '../../src/tar/index.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('tar');
const root = tempDir('tar');

interface Member {
  readonly header: TarHeader;
  readonly data: Buffer;
}

function header(path: string, more: Partial<TarHeader> = {}): TarHeader {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, ...more };
}

function pack(members: readonly Member[]): Buffer {
  const pieces: Buffer[] = [];
  const writer = new TarWriter((bytes) => pieces.push(Buffer.from(bytes)));
  for (const { header, data } of members) {
    writer.entry(header);
    writer.data(data);
  }
  writer.finish();
  return Buffer.concat(pieces);
}

function unpack(archive: Buffer, pieceSize = archive.length): { entry: TarEntry; data: Buffer }[] {
  const members: { entry: TarEntry; data: Buffer }[] = [];
  let pieces: Buffer[] = [];
  const reader = new TarReader({
    entry: (entry) => members.push({ entry, data: Buffer.alloc(0) }),
    data: (bytes) => pieces.push(Buffer.from(bytes)),
    entryEnd: () => {
      members.at(-1)!.data = Buffer.concat(pieces);
      pieces = [];
    },
  });
  for (let at = 0; at < archive.length; at += pieceSize) reader.push(archive.subarray(at, at + pieceSize));
  reader.end();
  return members;
}

const awkward: readonly Member[] = [
  { header: header('plain.txt', { size: 5, mtime: 1_700_000_000 }), data: Buffer.from('hello') },
  { header: header('dir/', { type: 'directory', mode: 0o1777 }), data: Buffer.alloc(0) },
  { header: header(`${'d'.repeat(60)}/${'e'.repeat(60)}/f`, { size: 512 }), data: Buffer.alloc(512, 1) },
  { header: header(`${'n'.repeat(300)}`, { size: 1 }), data: Buffer.from('x') },
  { header: header('ünïcode/日本', { size: 2 }), data: Buffer.from('ok') },
  { header: header(textOfBytes(Buffer.from([0x66, 0xff, 0xfe]))), data: Buffer.alloc(0) },
  { header: header('big-ids', { uid: 3_000_000, gid: 4_294_967_294 }), data: Buffer.alloc(0) },
  { header: header('old', { mtime: -5 }), data: Buffer.alloc(0) },
  { header: header('far', { mtime: 99_999_999_999 }), data: Buffer.alloc(0) },
  { header: header('link', { type: 'symlink', mode: 0o777, linkname: `/${'t'.repeat(200)}` }), data: Buffer.alloc(0) },
  { header: header('hard', { type: 'hardlink', linkname: 'plain.txt' }), data: Buffer.alloc(0) },
  { header: header('null', { type: 'char', device: { major: 1, minor: 3 } }), data: Buffer.alloc(0) },
  { header: header('disk', { type: 'block', device: { major: 259, minor: 1_000_000 } }), data: Buffer.alloc(0) },
  { header: header('pipe', { type: 'fifo' }), data: Buffer.alloc(0) },
  {
    header: header('ping', {
      mode: 0o4755,
      xattrs: {
        'security.capability': Buffer.from([1, 0, 0, 2, 0, 0x20, 0xff, 0]).toString('base64'),
        'user.a': 'Yg==',
      },
    }),
    data: Buffer.alloc(0),
  },
];

test('gives back what was written, whatever the size of the pieces', () => {
  const archive = pack(awkward);
  for (const pieceSize of [1, 511, 512, 513, 4096, archive.length]) {
    const members = unpack(archive, pieceSize);
    assert.is(members.length, awkward.length);
    members.forEach(({ entry, data }, index) => {
      const { offset, ...rest } = entry;
      assert.equal(rest, awkward[index]!.header);
      assert.equal(data, awkward[index]!.data);
      assert.equal(archive.subarray(offset, offset + entry.size), data);
    });
  }
});

test('writes an entry as it would alone, whatever came before it', () => {
  const path = fc.oneof(
    fc.constantFrom('a', 'dir/', 'ü', `${'p'.repeat(60)}/${'n'.repeat(60)}`, 'n'.repeat(100), 'n'.repeat(101)),
    fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }),
  );
  const like = fc.record({
    path,
    type: fc.constantFrom('file', 'directory', 'symlink'),
    mode: fc.constantFrom(0o644, 0o755),
    uid: fc.constantFrom(0, 3_000_000),
    mtime: fc.constantFrom(0, 1_700_000_000, 99_999_999_999),
    size: fc.constantFrom(0, 1, 511, 513, 70_000),
  });
  fc.assert(
    fc.property(fc.array(like, { minLength: 1, maxLength: 20 }), (entries) => {
      const headers = entries.map(({ path, size, type, ...more }) =>
        header(path, {
          ...more,
          type,
          size: type === 'file' ? size : 0,
          ...(type === 'symlink' ? { linkname: 'to' } : {}),
        }),
      );
      assert.equal(headerBytes(headers), Buffer.concat(headers.map((each) => headerBytes([each]))));
    }),
    { numRuns: 300 },
  );
});

/** The blocks before the data of each entry, which is left out. */
function headerBytes(headers: readonly TarHeader[]): Buffer {
  const pieces: Buffer[] = [];
  const writer = new TarWriter((bytes) => pieces.push(Buffer.from(bytes)));
  const blocks = headers.map((each) => {
    const start = writer.offset;
    const end = writer.entry(each);
    while (writer.left > 0) writer.fill((_buffer, _offset, length) => length);
    return { start, end };
  });
  writer.finish();
  const archive = Buffer.concat(pieces);
  return Buffer.concat(blocks.map(({ start, end }) => archive.subarray(start, end)));
}

test('writes archives that GNU tar reads alike', () => {
  const file = join(root, 'awkward.tar');
  writeFileSync(file, pack(awkward));
  const listing = execFileSync('tar', ['--numeric-owner', '--quoting-style=literal', '-tvf', file], {
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  const lines = listing.toString('latin1').trimEnd().split('\n');
  assert.is(lines.length, awkward.length);
  assert.match(lines[0]!, /^-rw-r--r-- 0\/0 +5 2023-11-14 22:13 plain\.txt$/);
  assert.match(lines[1]!, /^drwxrwxrwt .* dir\/$/);
  assert.match(lines[3]!, /n{300}$/);
  assert.match(lines[5]!, /f\xff\xfe$/);
  assert.match(lines[6]!, /3000000\/4294967294/);
  assert.match(lines[7]!, /1969-12-31 23:59/);
  assert.match(lines[9]!, /link -> \/t{200}$/);
  assert.match(lines[11]!, /^crw-r--r-- 0\/0 +1,3 /);
  assert.match(lines[14]!, /^-rwsr-xr-x/);
});

test('reads archives that GNU tar writes, in all its formats', () => {
  const long = `${'a'.repeat(120)}/${'b'.repeat(120)}`;
  for (const format of ['gnu', 'oldgnu', 'pax', 'ustar', 'v7']) {
    const dir = tempDir(`gnu-${format}`);
    const names = format === 'v7' ? ['short'] : format === 'ustar' ? ['short', 'x'.repeat(99)] : ['short', long];
    for (const name of names) {
      execFileSync('mkdir', ['-p', join(dir, name, '..')]);
      writeFileSync(join(dir, name), name);
    }
    const file = join(root, `${format}.tar`);
    execFileSync(
      'tar',
      ['--format', format, '--owner=u:5000000', '--group=g:7', '-C', dir, '-cf', file, '.'].filter(
        (argument) => !['v7', 'ustar'].includes(format) || !argument.startsWith('--owner'),
      ),
    );
    const files = unpack(readFileSync(file)).filter(({ entry }) => entry.type === 'file');
    assert.equal(files.map(({ entry }) => entry.path).sort(), names.map((name) => `./${name}`).sort(), format);
    for (const { entry, data } of files) assert.is(`./${data}`, entry.path);
    if (!['v7', 'ustar'].includes(format)) assert.ok(files.every(({ entry }) => entry.uid === 5_000_000));
  }
});

test('refuses sparse files, which would be read wrong', () => {
  const dir = tempDir('sparse');
  execFileSync('truncate', ['-s', '4M', join(dir, 'hole')]);
  for (const format of ['gnu', 'pax']) {
    const file = join(root, `sparse-${format}.tar`);
    execFileSync('tar', ['--format', format, '-S', '-C', dir, '-cf', file, 'hole']);
    assert.throws(
      () => unpack(readFileSync(file)),
      (error: unknown) => isMkimageError(error, 'unsupported'),
    );
  }
});

test('takes any bytes as a name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.equal(bytesOfText(textOfBytes(bytes)), Buffer.from(bytes));
    }),
  );
  assert.is(textOfBytes(Buffer.from('é\u{1f600}\ufffd')), 'é\u{1f600}\ufffd');
});

test('never does worse than a clear error on bytes that were changed', () => {
  const archive = pack(awkward);
  fc.assert(
    fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(archive);
      changed[at] = value;
      try {
        unpack(changed, 700);
      } catch (error) {
        assert.ok(isMkimageError(error), String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('reads big archives of small files in constant memory', () => {
  let entries = 0;
  const reader = new TarReader({ entry: () => entries++, data: () => {}, entryEnd: () => {} });
  const writer = new TarWriter((bytes) => reader.push(bytes));
  for (let index = 0; index < 20_000; index++) {
    writer.entry(header(`dir/file-${index}`, { size: 100 }));
    writer.data(Buffer.alloc(100));
  }
  writer.finish();
  reader.end();
  assert.is(entries, 20_000);
});

const rejected = (name: string, make: () => Buffer, code: 'invalid-archive' | 'limit') =>
  test(`refuses ${name}`, () => {
    assert.throws(
      () => unpack(make()),
      (error: unknown) => isMkimageError(error, code),
    );
  });

const one = () => pack([{ header: header('a', { size: 3 }), data: Buffer.from('abc') }]);
rejected('an archive cut off within a header', () => one().subarray(0, 100), 'invalid-archive');
rejected('an archive cut off within data', () => one().subarray(0, 514), 'invalid-archive');
rejected('an archive cut off within padding', () => one().subarray(0, 1000), 'invalid-archive');
rejected('text that is no archive', () => Buffer.alloc(1024, 'text '), 'invalid-archive');
rejected('a wrong checksum', () => Buffer.concat([one().fill('b', 0, 1)]), 'invalid-archive');
rejected('an entry after a block of zeros', () => Buffer.concat([Buffer.alloc(512), one()]), 'invalid-archive');
rejected('a path of 5,000 bytes', () => pack([{ header: header('p'.repeat(5000)), data: Buffer.alloc(0) }]), 'limit');
rejected(
  'a pax header over a mebibyte',
  () => pack([{ header: header('p', { xattrs: { 'user.x': 'A'.repeat(1_600_000) } }), data: Buffer.alloc(0) }]),
  'limit',
);

test('refuses an archive whose names alone would fill the memory', () => {
  const named = pack([1, 2, 3].map((n) => ({ header: header(`${n}`.repeat(90)), data: Buffer.alloc(0) })));
  const attributed = pack([{ header: header('p', { xattrs: { 'user.x': 'A'.repeat(400) } }), data: Buffer.alloc(0) }]);
  const handler = { entry: () => {}, data: () => {}, entryEnd: () => {} };
  for (const archive of [named, attributed]) {
    const limited = new TarReader(handler, { ...DEFAULT_LIMITS, ARCHIVE_NAMES: 200 });
    assert.throws(
      () => limited.push(archive),
      (error: unknown) => isMkimageError(error, 'limit'),
    );
    new TarReader(handler).push(archive);
  }
});

test('accepts an empty stream and an archive without closing zeros', () => {
  assert.is(unpack(Buffer.alloc(0)).length, 0);
  assert.is(unpack(one().subarray(0, 1024)).length, 1);
});

test.run();
