import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isCommitId, resolveRef } from '../../src/context/git/git-refs.ts';
import type { GitUrl } from '../../src/context/git/git-url.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('refs of a git repository');

const id = (digit: string) => digit.repeat(40);
const url = (more: Partial<GitUrl> = {}): GitUrl => ({
  remote: 'https://git.test/a.git',
  subdir: '',
  looksLocal: false,
  ...more,
});

/** Answers as `git ls-remote` with these refs, and notes what it was asked for. */
function remoteWith(refs: Readonly<Record<string, string>>, head?: string) {
  const asked: string[] = [];
  const list = async (...patterns: readonly string[]) => {
    asked.push(patterns.join(' '));
    const lines = Object.entries(refs).map(([name, object]) => `${object}\t${name}`);
    return [...(head === undefined ? [] : [`ref: ${head}\tHEAD`]), ...lines].join('\n');
  };
  return { asked, list };
}

test('without a ref, the default branch is taken with one request', async () => {
  const { asked, list } = remoteWith({ HEAD: id('a') }, 'refs/heads/trunk');
  assert.equal(await resolveRef(url(), undefined, list), { ref: 'refs/heads/trunk', object: id('a'), commit: id('a') });
  assert.equal(asked, ['HEAD']);
  await rejects(resolveRef(url(), undefined, remoteWith({}).list), 'not-found', /no default branch/);
});

test('a branch takes precedence over a tag of the same name', async () => {
  const { list } = remoteWith({ 'refs/tags/v1': id('b'), 'refs/heads/v1': id('a') });
  assert.is((await resolveRef(url({ ref: 'v1' }), undefined, list)).ref, 'refs/heads/v1');
  assert.is((await resolveRef(url({ ref: 'refs/tags/v1' }), undefined, list)).commit, id('b'));
});

test('an annotated tag has an object of its own beside its commit', async () => {
  const { list } = remoteWith({ 'refs/tags/v1': id('b'), 'refs/tags/v1^{}': id('c') });
  const expected = { ref: 'refs/tags/v1', object: id('b'), commit: id('c') };
  assert.equal(await resolveRef(url({ ref: 'v1' }), undefined, list), expected);
});

test('a whole commit id needs no request', async () => {
  const { asked, list } = remoteWith({});
  const commit = id('d');
  assert.equal(await resolveRef(url({ ref: commit }), undefined, list), { ref: commit, object: commit, commit });
  const byCommit = url({ ref: 'main', fetchByCommit: true });
  assert.is((await resolveRef(byCommit, commit, list)).commit, commit);
  assert.equal(asked, []);
  await rejects(resolveRef(byCommit, 'abc', list), 'usage', /whole commit id/);
});

test('the checksum must be the beginning of the commit or of the tag object, in any case', async () => {
  const { list } = remoteWith({ 'refs/tags/v1': `bbb${'0'.repeat(37)}`, 'refs/tags/v1^{}': `ccc${'0'.repeat(37)}` });
  for (const checksum of ['bbb', 'CCC0']) await resolveRef(url({ ref: 'v1' }), checksum, list);
  const error = await rejects(resolveRef(url({ ref: 'v1' }), 'ddd', list), 'integrity');
  assert.equal(error.evidence, { expected: 'ddd', found: `ccc${'0'.repeat(37)}` });
  await rejects(resolveRef(url({ ref: 'v1' }), 'main', list), 'usage', /hexadecimal/);
});

test('a missing ref is named; what looks like a short commit id gets a hint', async () => {
  const { list } = remoteWith({ 'refs/heads/main': id('a') });
  assert.is((await rejects(resolveRef(url({ ref: 'next' }), undefined, list), 'not-found', /`next`/)).hint, undefined);
  const error = await rejects(resolveRef(url({ ref: 'abc123' }), undefined, list), 'not-found');
  assert.match(error.hint ?? '', /whole id/);
});

test('the password of a remote is in no message', async () => {
  const remote = 'https://ann:pass123@git.test/a.git';
  const error = await rejects(resolveRef(url({ remote, ref: 'x' }), undefined, remoteWith({}).list), 'not-found');
  assert.not.match(error.message, /pass123/);
});

test('lines of an answer without a valid id are ignored', async () => {
  const { list } = remoteWith({ 'refs/heads/main': 'not an id' });
  await rejects(resolveRef(url({ ref: 'main' }), undefined, list), 'not-found');
  assert.is(isCommitId('f'.repeat(64)), true);
  for (const text of [undefined, '', 'f'.repeat(39), 'f'.repeat(41), 'F'.repeat(40)])
    assert.is(isCommitId(text), false);
});

test.run();
