import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GitUrl, parseGitUrl } from '../../src/context/git/git-url.ts';
import { isMkimageError } from '../../src/errors.ts';
import { removeCredentials } from '../../src/oci/index.ts';

const test = suite('git URLs');

const plain = { subdir: '', looksLocal: false };

function reads(text: string, expected: GitUrl): void {
  test(`reads ${text}`, () => assert.equal(parseGitUrl(text), expected));
}

function isNone(text: string): void {
  test(`\`${text}\` is none`, () => assert.is(parseGitUrl(text), undefined));
}

function refuses(text: string, why: RegExp): void {
  test(`refuses ${text}`, () => {
    assert.throws(
      () => parseGitUrl(text),
      (error: unknown) => isMkimageError(error, 'usage') && why.test(error.message),
    );
  });
}

const repo = 'https://github.com/foo/bar.git';

reads(repo, { ...plain, remote: repo });
reads('HTTPS://github.com/foo/bar.git', { ...plain, remote: repo });
reads(`${repo}#main`, { ...plain, remote: repo, ref: 'main' });
reads(`${repo}#a/b:sub/dir`, { ...plain, remote: repo, ref: 'a/b', subdir: 'sub/dir' });
reads(`${repo}#:/sub//dir/`, { ...plain, remote: repo, subdir: 'sub/dir' });
reads(`${repo}#main:../../etc`, { ...plain, remote: repo, ref: 'main', subdir: 'etc' });
reads(`${repo}?ref=main&subdir=a`, { ...plain, remote: repo, ref: 'main', subdir: 'a' });
reads(`${repo}?tag=v1`, { ...plain, remote: repo, ref: 'refs/tags/v1' });
reads(`${repo}?branch=refs/heads/x`, { ...plain, remote: repo, ref: 'refs/heads/x' });
reads(`${repo}?commit=0a1b&keep-git-dir&submodules=0`, {
  ...{ ...plain, remote: repo, checksum: '0a1b', keepGitDir: true, submodules: false },
});
reads(`${repo}?mtime=commit&fetch-by-commit=true`, { ...plain, remote: repo, mtime: 'commit', fetchByCommit: true });
reads('git@github.com:foo/bar.git#v1:sub', {
  ...plain,
  remote: 'git@github.com:foo/bar.git',
  ref: 'v1',
  subdir: 'sub',
});
reads('ssh://git@host:2222/~/x', { ...plain, remote: 'ssh://git@host:2222/~/x' });
reads('git://host/x', { ...plain, remote: 'git://host/x' });
reads('github.com/foo/bar#v1', { remote: 'https://github.com/foo/bar', ref: 'v1', subdir: '', looksLocal: true });

isNone('https://example.com/file.tar.gz');
isNone('https://example.com/repo.git/');
isNone('ftp://example.com/repo.git');
isNone('file:///srv/repo.git');
isNone('./repo.git');
isNone('../git@host:repo.git');
isNone('repo.git');
isNone('github.com:foo/bar.git');
isNone('');

refuses(`${repo}?depth=1`, /`depth` is not known/);
refuses(`${repo}?ref=`, /`ref` has no value/);
refuses(`${repo}?tag=`, /`tag` has no value|`ref` has no value/);
refuses(`${repo}?ref=a&ref=b`, /more than once/);
refuses(`${repo}?ref=b#a`, /two: `a` and `b`/);
refuses(`${repo}?subdir=b#a:c`, /two: `c` and `b`/);
refuses(`${repo}?tag=a&branch=a`, /two|both/);
refuses(`${repo}?submodules=maybe`, /true or false/);
refuses(`${repo}?mtime=now`, /`checkout` or `commit`/);
refuses(`${repo}#--upload-pack=evil`, /is no ref/);
refuses('https://user:secret@host/x.git?depth=1', /^read git URL `https:\/\/host\/x\.git/);

test('credentials are left out of messages', () => {
  assert.is(removeCredentials('https://user:p%40ss@host/x?y#z'), 'https://host/x?y#z');
  assert.is(removeCredentials('https://a@b:c@host/x'), 'https://host/x');
  assert.is(removeCredentials('https://host/a@b'), 'https://host/a@b');
  assert.is(removeCredentials('git@host:x'), 'git@host:x');
});

test.run();
