import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileTree } from '../../src/content/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { lookupGroups, lookupHome, lookupOwner, lookupUser } from '../../src/process/index.ts';
import { rejects } from '../support/rejects.ts';
import { treeOf } from '../support/tree-of.ts';

const test = suite('users and groups of an image');

const PASSWD = `root:x:0:0:root:/root:/bin/sh
app:x:1000:2000::/home/app:/bin/sh
big:x:3000000000:4000000000::/:
broken:x::
1234:x:7:7::/:
homeless:x:9:9:::
`;
const GROUP =
  '# groups\nroot:x:0:\nstaff:x:50:app,other\nwheel:x:10:app\napp:x:2000:\nhuge:x:4000000000:\nbroken:x:many:app\n';
const image = treeOf({ 'etc/passwd': PASSWD, 'etc/group': GROUP });
const nothing = treeOf({});

function runsAs(spec: string, uid: number, gid: number, ...additionalGids: number[]): void {
  test(`a process of USER \`${spec}\` is ${uid}:${gid}`, async () => {
    assert.equal(await lookupUser(image, spec), { uid, gid, additionalGids });
  });
}
runsAs('', 0, 0);
runsAs('root', 0, 0);
runsAs('app', 1000, 2000, 50, 10);
runsAs('1000', 1000, 2000, 50, 10);
runsAs('app:staff', 1000, 50);
runsAs('app:', 1000, 2000, 50, 10);
runsAs('app:77', 1000, 77);
runsAs('5000', 5000, 0);
runsAs('5000:6000', 5000, 6000);
runsAs('1234', 1234, 0);
runsAs(':staff', 0, 50);
runsAs('3000000001', 3000000001, 0);
runsAs('big', 3000000000, 4000000000);

function ownedBy(spec: string, uid: number, gid: number, ...unknown: string[]): void {
  test(`--chown=${spec} means ${uid}:${gid}`, async () => {
    assert.equal(await lookupOwner(image, spec), { uid, gid, unknown });
  });
}
ownedBy('app', 1000, 2000);
ownedBy('1000', 1000, 1000);
ownedBy('1000:', 1000, 1000);
ownedBy('app:staff', 1000, 50);
ownedBy('app:7', 1000, 7);
ownedBy('root', 0, 0);
ownedBy('nobody', 0, 0, 'nobody');
ownedBy('app:nogroup', 1000, 2000, 'nogroup');
ownedBy(':staff', 0, 50);
ownedBy('2147483648', 2147483648, 2147483648);
ownedBy('1:4294967294', 1, 4294967294);

function isRefused(what: string, lookup: (tree: FileTree) => Promise<unknown>, code: ErrorCode, message: RegExp): void {
  test(`${what} is refused`, async () => {
    const { hint } = await rejects(lookup(image), code, message);
    if (code === 'not-found') assert.match(hint ?? '', /earlier step, or give its number/);
  });
}
isRefused('a user that the image does not know', (tree) => lookupUser(tree, 'nobody'), 'not-found', /user `nobody`/);
isRefused('a group that it does not know', (tree) => lookupUser(tree, 'app:nogroup'), 'not-found', /group `nogroup`/);
isRefused('a user whose line has no numbers', (tree) => lookupUser(tree, 'broken'), 'not-found', /etc\/passwd/);
isRefused('a further group without a number', (tree) => lookupGroups(tree, ['broken']), 'not-found', /etc\/group/);
isRefused('the id that means none', (tree) => lookupUser(tree, '4294967295'), 'usage', /ids go up to 4294967294/);
for (const spec of ['4294967295', '99999999999999999999', '0:4294967296']) {
  isRefused(`an owner \`${spec}\``, (tree) => lookupOwner(tree, spec), 'usage', /ids go up to/);
}

test('an image without files knows numbers and root', async () => {
  assert.equal(await lookupUser(nothing, '12'), { uid: 12, gid: 0, additionalGids: [] });
  assert.equal(await lookupUser(nothing, 'root:root'), { uid: 0, gid: 0, additionalGids: [] });
});

test('further groups are found by name and by number, in the order in which they are given', async () => {
  assert.equal(await lookupGroups(image, ['wheel', '7', 'root', 'staff']), [10, 7, 0, 50]);
  assert.equal(await lookupGroups(nothing, []), []);
});

for (const [uid, home] of [
  [0, '/root'],
  [1000, '/home/app'],
  [9, '/'],
  [4711, '/'],
] as const) {
  test(`the home of ${uid} is ${home}`, async () => assert.is(await lookupHome(image, uid), home));
}

test('a link in place of passwd is followed inside the image', async () => {
  const linked = treeOf({ 'etc/passwd': { link: '/../../usr/passwd' }, 'usr/passwd': 'me:x:5:6::/:\n' });
  assert.equal(await lookupUser(linked, 'me'), { uid: 5, gid: 6, additionalGids: [] });
});

test('what is no file is not read as one, and no more than 10 MiB are', async () => {
  const directory = treeOf({ 'etc/passwd': { dir: {} } });
  await rejects(lookupUser(directory, 'me'), 'invalid-archive', /it is a directory, not a file/);
  const huge = treeOf({ 'etc/passwd': 'x'.repeat((10 << 20) + 1) });
  await rejects(lookupOwner(huge, 'me'), 'limit', /more than 10485760 bytes/);
});

test.run();
