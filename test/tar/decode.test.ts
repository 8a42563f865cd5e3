import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FIELD } from '../../src/tar/header.ts';
import { startsWithHeader } from '../../src/tar/index.ts';
import { encodeRecord } from '../../src/tar/pax.ts';
import { refuses } from '../support/rejects.ts';
import { entriesOf, rawHeader, rawMember } from './raw-archive.ts';

const test = suite('tar: entries out of headers');
const record = (key: string, value: string) => encodeRecord(key, Buffer.from(value, 'latin1'));
const withPax = (...records: readonly Buffer[]) => rawMember('x', Buffer.concat(records), 'pax');
const NEGATIVE = Buffer.alloc(12, 0xff);

test('every type flag is its type, and the old flags for files are files', () => {
  for (const [flag, type] of Object.entries({
    '0': 'file',
    '\0': 'file',
    '7': 'file',
    '1': 'hardlink',
    '2': 'symlink',
    '3': 'char',
    '4': 'block',
    '5': 'directory',
    '6': 'fifo',
  }))
    assert.is(entriesOf(rawHeader({ flag }))[0]!.type, type, flag);
});

test('in the oldest format a name that ends with a slash is a directory', () => {
  assert.is(entriesOf(rawHeader({ flag: '\0', name: 'd/' }))[0]!.type, 'directory');
  assert.is(entriesOf(rawHeader({ flag: '0', name: 'd/' }))[0]!.type, 'file');
});

test('an unknown type is refused by name, and a sparse file with a hint', async () => {
  await refuses('invalid-archive', () => entriesOf(rawHeader({ flag: 'Z', name: 'odd' })), /`odd` has .* type `Z`/);
  await refuses('invalid-archive', () => entriesOf(rawHeader({ flag: '\n' })), /type `\\n`/);
  const error = await refuses('unsupported', () => entriesOf(rawHeader({ flag: 'S' })), /sparse/);
  assert.match(error.hint ?? '', /--sparse/);
});

test('the sparse keys of all pax formats are refused', async () => {
  for (const key of ['GNU.sparse.major', 'GNU.sparse.size', 'GNU.sparse.map', 'GNU.sparse.realsize'])
    await refuses('unsupported', () => entriesOf(withPax(record(key, '1')), rawHeader()), /sparse/);
});

test('a negative size is refused before anything is read, of metadata too', async () => {
  for (const flag of ['0', '5', 'x', 'L'])
    await refuses('invalid-archive', () => entriesOf(rawHeader({ flag, over: [[FIELD.size, NEGATIVE]] })), /negative/);
});

test('a wrong sum is refused, that of signed bytes is not', async () => {
  await refuses('invalid-archive', () => entriesOf(rawHeader({ checksum: 1 })), /checksum/);
  const right = rawHeader({ name: 'caf\xe9' });
  const unsigned = Number.parseInt(right.toString('latin1', 148, 154), 8);
  assert.is(entriesOf(rawHeader({ name: 'caf\xe9', checksum: unsigned - 256 })).length, 1);
  await refuses('invalid-archive', () => entriesOf(rawHeader({ name: 'caf\xe9', checksum: unsigned - 255 })));
});

test('the prefix is put before the name in ustar, and only there', () => {
  const prefix = [FIELD.prefix, 'dir'] as const;
  assert.is(entriesOf(rawHeader({ over: [prefix] }))[0]!.path, 'dir/a');
  const gnu = [[257, 8], 'ustar  \0'] as const;
  assert.is(entriesOf(rawHeader({ over: [prefix, gnu] }))[0]!.path, 'a');
  const star = [[345, 167], `dir${'\0'.repeat(128)}12345670000 12345670000 ${'\0'.repeat(8)}tar\0`] as const;
  assert.is(entriesOf(rawHeader({ over: [star] }))[0]!.path, 'dir/a');
});

test('a name that fills its field ends there', () => {
  const name = 'n'.repeat(100);
  assert.is(entriesOf(rawHeader({ over: [[FIELD.name, name]] }))[0]!.path, name);
});

test('pax values replace those of the header, and empty ones do not', () => {
  const [entry] = entriesOf(
    withPax(
      record('path', 'p'),
      record('uid', '70000'),
      record('gid', ''),
      record('mtime', '-1.5'),
      record('linkpath', 'to'),
    ),
    rawHeader({ flag: '2', over: [[FIELD.gid, '0000007\0']] }),
  );
  const { path, uid, gid, mtime, linkname } = entry!;
  assert.equal({ path, uid, gid, mtime, linkname }, { path: 'p', uid: 70_000, gid: 7, mtime: -2, linkname: 'to' });
});

test('extended headers count for one entry, and global ones for none', () => {
  const archive = [withPax(record('path', 'p')), rawHeader(), rawMember('g', record('path', 'all')), rawHeader()];
  assert.equal(
    entriesOf(...archive).map(({ path }) => path),
    ['p', 'a'],
  );
});

for (const [key, value] of [
  ['uid', '1e3'],
  ['uid', '-1'],
  ['uid', '4294967295'],
  ['gid', '1.5'],
  ['gid', '0x10'],
  ['size', '-1'],
  ['size', '9999999999999999'],
  ['size', '1.5'],
  ['mtime', 'Infinity'],
  ['mtime', '12345678901234567'],
  ['mtime', ' 1'],
  ['path', 'a\0b'],
  ['linkpath', 'a\0b'],
] as const)
  test(`refuses the pax ${key} ${JSON.stringify(value)}`, async () => {
    await refuses('invalid-archive', () =>
      entriesOf(withPax(record(key, value)), rawHeader({ flag: key === 'linkpath' ? '2' : '0' })),
    );
  });

test('the largest id is read, and "no id" in the header is refused', async () => {
  assert.is(entriesOf(withPax(record('uid', '4294967294')), rawHeader())[0]!.uid, 4_294_967_294);
  const none = Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  for (const field of [FIELD.uid, FIELD.gid])
    for (const bytes of [none, Buffer.alloc(8, 0xff)])
      await refuses('invalid-archive', () => entriesOf(rawHeader({ over: [[field, bytes]] })), /user or group id/);
});

test('device numbers that Linux does not have are refused', async () => {
  const device = (major: string, minor: string) =>
    rawHeader({
      flag: '3',
      over: [
        [FIELD.major, major],
        [FIELD.minor, minor],
      ],
    });
  assert.equal(entriesOf(device('7777', '3777777'))[0]!.device, { major: 4095, minor: 1_048_575 });
  for (const [major, minor] of [
    ['10000', '0'],
    ['0', '4000000'],
  ] as const)
    await refuses('invalid-archive', () => entriesOf(device(major, minor)), /device number/);
});

test('attributes keep their bytes, and an empty one is left out', () => {
  const bytes = Buffer.from([0, 255, 10, 61]);
  const pax = withPax(encodeRecord('SCHILY.xattr.user.a', bytes), record('SCHILY.xattr.user.b', ''));
  assert.equal(entriesOf(pax, rawHeader())[0]!.xattrs, { 'user.a': bytes.toString('base64') });
  assert.is(entriesOf(withPax(record('comment', 'x')), rawHeader())[0]!.xattrs, undefined);
});

test('an archive is recognised by its first block', () => {
  assert.ok(startsWithHeader(rawHeader()));
  assert.not(startsWithHeader(rawHeader({ checksum: 0 })));
  assert.not(startsWithHeader(rawHeader().subarray(0, 511)));
  assert.not(startsWithHeader(Buffer.alloc(512)));
  assert.not(startsWithHeader(Buffer.alloc(512, 'x')));
});

test.run();
