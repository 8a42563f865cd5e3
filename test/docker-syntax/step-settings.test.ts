import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExtraHost, readUlimit } from '../../src/docker-syntax/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('settings of steps in Docker’s words');

test('a host has a name and an address, which may stand in brackets', () => {
  assert.equal(readExtraHost('db=[2001:db8::1]'), { name: 'db', address: '2001:db8::1' });
  assert.equal(readExtraHost('db:2001:db8::1'), { name: 'db', address: '2001:db8::1' });
});

for (const [text, soft, hard] of [
  ['nofile=1024', 1024, 1024],
  ['nofile=1024:2048', 1024, 2048],
  ['core=-1', -1, -1],
  ['core=0:-1', 0, -1],
] as const) {
  test(`the limit ${text} is ${soft} and ${hard}`, () => {
    assert.equal(readUlimit(text), { name: text.split('=')[0], soft, hard });
  });
}

for (const [text, message] of [
  ['nofile', /expected NAME=SOFT/],
  ['nofile=', /expected NAME=SOFT/],
  ['nofile=1:2:3', /expected NAME=SOFT/],
  ['nofile=-2', /expected NAME=SOFT/],
  ['NOFILE=1', /expected NAME=SOFT/],
  ['files=1', /unknown limit `files`/],
  ['nofile=2:1', /soft limit is above the hard limit/],
  ['nofile=-1:1', /soft limit is above the hard limit/],
] as const) {
  test(`the limit \`${text}\` is refused`, async () => {
    const { hint } = await refuses('usage', () => readUlimit(text), message);
    assert.ok(hint);
  });
}

test.run();
