import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findGitAuthorization, findHttpAuthorization } from '../../src/engine/source-credentials.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('credentials for sources');
const call = createQuietCall();
const given = (secrets: Readonly<Record<string, string>>) => ({
  secret: async (id: string) => (secrets[id] === undefined ? undefined : Buffer.from(secrets[id])),
  ssh: () => undefined,
});
const basic = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
const git = (url: string, secrets: Readonly<Record<string, string>>) =>
  findGitAuthorization(new URL(url), given(secrets), call);
const http = (url: string, secrets: Readonly<Record<string, string>>) =>
  findHttpAuthorization(new URL(url), given(secrets), call);

test('a repository gets the header or the token of its host, then those for all hosts', async () => {
  const all: Record<string, string> = {
    'GIT_AUTH_HEADER.git.test': 'own header',
    'GIT_AUTH_TOKEN.git.test': 'own-token',
    GIT_AUTH_HEADER: 'header',
    GIT_AUTH_TOKEN: 'token\n',
  };
  const found: (string | undefined)[] = [];
  for (const id of Object.keys(all)) {
    found.push(await git('https://git.test/x.git', all));
    delete all[id];
  }
  assert.equal(found, ['own header', basic('own-token'), 'header', basic('token')]);
  assert.is(await git('https://git.test/x.git', all), undefined);
});

test('a host is a host with its port', async () => {
  const secrets = { 'GIT_AUTH_TOKEN.git.test': 'a', 'HTTP_AUTH_TOKEN_files.test:8080': 'b' };
  assert.is(await git('https://git.test:8443/x.git', secrets), undefined);
  assert.is(await git('https://other.test/x.git', secrets), undefined);
  assert.is(await git('https://git.test.evil.test/x.git', secrets), undefined);
  assert.is(await http('https://files.test:8080/x', secrets), 'Bearer b');
  assert.is(await http('https://files.test/x', secrets), undefined);
});

test('a file gets the header or the bearer token of its host', async () => {
  const secrets = {
    HTTP_AUTH_HEADER_a: 'Token x',
    HTTP_AUTH_TOKEN_a: 'y',
    HTTP_AUTH_TOKEN_b: 'z',
    GIT_AUTH_TOKEN: 'g',
  };
  assert.is(await http('https://a/x', secrets), 'Token x');
  assert.is(await http('https://b/x', secrets), 'Bearer z');
  assert.is(await http('https://c/x', secrets), undefined);
});

test('plain http gets only what was meant for its host', async () => {
  const secrets = { GIT_AUTH_TOKEN: 'all', 'GIT_AUTH_TOKEN.own.test': 'own' };
  assert.is(await git('http://evil.test/x.git', secrets), undefined);
  assert.is(await git('http://own.test/x.git', secrets), basic('own'));
  assert.is(await git('http://localhost:80/x.git', secrets), basic('all'));
});

test('a value that could begin a second header is refused, and not shown', async () => {
  for (const value of ['a\r\nEvil: 1', '', 'ü']) {
    const error = await rejects(git('https://a/x.git', { 'GIT_AUTH_HEADER.a': value }), 'usage', /GIT_AUTH_HEADER\.a/);
    assert.not.match(error.message, 'Evil');
  }
});

test.run();
