import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitRemote, usesSsh } from '../../src/context/git/git-remote.ts';
import { createSshCommand } from '../../src/context/git/ssh-command.ts';

const test = suite('how git reaches a remote');

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test('takes credentials out of a URL', () => {
  for (const [remote, url, origin, pair] of [
    ['https://me:p%40w@host/x.git', 'https://host/x.git', 'https://host', 'me:p@w'],
    ['http://token@host:8080/x.git', 'http://host:8080/x.git', 'http://host:8080', 'token:'],
  ] as const)
    assert.equal(splitRemote(remote), { url, header: { origin, authorization: basic(pair) } });
});

test('leaves other remotes as they are', () => {
  for (const remote of [
    'https://host/x.git',
    'git@host:team/x.git',
    'ssh://git@host:2222/x.git',
    'git://host/x.git',
    '/a/b',
  ])
    assert.equal(splitRemote(remote), { url: remote, header: undefined });
  assert.is(splitRemote('ssh://git:hunter2@host/x.git').url, 'ssh://git@host/x.git');
});

test('knows which remotes are reached by ssh', () => {
  for (const remote of ['git@host:x.git', 'host:x.git', 'ssh://host/x', 'SSH://host/x', 'git+ssh://host/x'])
    assert.ok(usesSsh(remote), remote);
  for (const remote of ['https://host/x', 'git://host/x', '/a:b/c', 'file:///x']) assert.not(usesSsh(remote), remote);
});

/** The words that a shell makes of a command. */
const wordsOf = (command: string) =>
  execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

test('uses no keys and no configuration of the user, and checks host keys', () => {
  const words = wordsOf(createSshCommand(undefined, { files: ["/home/o'neil $x/known hosts%"], isStrict: true }));
  assert.equal(words.slice(0, 3), ['ssh', '-F', '/dev/null']);
  for (const option of ['StrictHostKeyChecking=yes', 'IdentityFile=none', 'IdentityAgent=none', 'BatchMode=yes'])
    assert.ok(words.includes(option), option);
  assert.ok(words.includes(`UserKnownHostsFile="/home/o'neil $x/known hosts%%"`));
  assert.not(words.includes('-i'));
});

test('uses the given keys, and not the agent besides them', () => {
  const words = wordsOf(createSshCommand({ kind: 'keys', paths: ['/k 1', '/k2'] }, { files: [], isStrict: false }));
  assert.equal(words.slice(-4), ['-i', '/k 1', '-i', '/k2']);
  for (const option of [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
  ])
    assert.ok(words.includes(option), option);
});

test.run();
