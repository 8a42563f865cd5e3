import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeEnvironment, type ProcessRequest, resolveProcess } from '../../src/process/index.ts';
import { rejects } from '../support/rejects.ts';
import { treeOf } from '../support/tree-of.ts';

const test = suite('a process in an image');

const image = treeOf({
  'etc/passwd': 'root:x:0:0::/root:/bin/sh\napp:x:1000:2000::/home/app:/bin/sh\n',
  'etc/group': 'staff:x:50:app\nwheel:x:10:app\naudio:x:29:\n',
});
const PLAIN: ProcessRequest = {
  args: ['true'],
  env: ['PATH=/bin'],
  user: '',
  groups: [],
  workdir: '/',
  ulimits: [],
  shmSize: 1,
};

const resolved = (more: Partial<ProcessRequest>) => resolveProcess(image, { ...PLAIN, ...more });

test('has HOME by its user at the end of its environment', async () => {
  assert.equal((await resolved({})).env, ['PATH=/bin', 'HOME=/root']);
  assert.equal((await resolved({ user: 'app' })).env, ['PATH=/bin', 'HOME=/home/app']);
  assert.equal((await resolved({ user: '4711' })).env, ['PATH=/bin', 'HOME=/']);
});

test('keeps a HOME that it was given, be it an empty one', async () => {
  assert.equal((await resolved({ env: ['HOME=/mine', 'A=1'] })).env, ['HOME=/mine', 'A=1']);
  assert.equal((await resolved({ env: ['HOME='] })).env, ['HOME=']);
  assert.equal((await resolved({ env: ['HOMEPAGE=x'] })).env, ['HOMEPAGE=x', 'HOME=/root']);
});

test('sees one value of each variable, the last, where the first stood', async () => {
  const { env } = await resolved({ env: ['A=1', 'B=1', 'A=2', 'HOME=/'] });
  assert.equal(env, ['A=2', 'B=1', 'HOME=/']);
});

test('has its primary group among the further ones, each once', async () => {
  const { uid, gid, additionalGids } = await resolved({ user: 'app', groups: ['audio', '10', '2000', '77'] });
  assert.equal({ uid, gid, additionalGids }, { uid: 1000, gid: 2000, additionalGids: [2000, 50, 10, 29, 77] });
  assert.equal((await resolved({ user: 'app:staff' })).additionalGids, [50]);
});

test('is not started as a user that the image does not have', async () => {
  await rejects(resolved({ user: 'nobody' }), 'not-found', /user `nobody`: not in the image's \/etc\/passwd/);
  await rejects(resolved({ groups: ['nobody'] }), 'not-found', /group `nobody`: not in the image's \/etc\/group/);
});

test('keeps words, directory and limits as they are', async () => {
  const given = { args: ['a', ''], workdir: '/x', ulimits: [{ name: 'core', soft: 0, hard: -1 }], shmSize: 7 };
  const { args, cwd, ulimits, shmSize } = await resolved(given);
  assert.equal({ args, workdir: cwd, ulimits, shmSize }, given);
});

test('has an environment of lists that replace one another, where a name alone removes', () => {
  assert.equal(mergeEnvironment(['A=1', 'B=2'], ['B=3', 'C=4'], ['A']), ['B=3', 'C=4']);
  assert.equal(mergeEnvironment(['A=1'], ['A'], ['A=2']), ['A=2']);
  assert.equal(mergeEnvironment(['A=x=y'], ['A=']), ['A=']);
  assert.equal(mergeEnvironment(), []);
});

test.run();
