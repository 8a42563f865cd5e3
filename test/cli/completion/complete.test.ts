import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { completeWords } from '../../../src/cli/completion/complete.ts';
import { formatCompletion } from '../../../src/cli/completion/completion.ts';
import type { ValueSources } from '../../../src/cli/completion/values.ts';

const test = suite('completion');

const SOURCES: ValueSources = {
  images: async () => ['app:latest', 'app:2', 'debian:12'],
  containers: async () => ['web', 'db'],
  cacheMounts: async () => ['/root/.m2', 'npm'],
  stages: async (words) => (words.includes('other') ? ['packed'] : ['build', 'run']),
};

async function offered(...words: string[]): Promise<readonly string[]> {
  return (await completeWords(words, SOURCES)).candidates.map(({ value }) => value);
}

async function pathsFor(...words: string[]): Promise<string> {
  return (await completeWords(words, SOURCES)).paths;
}

test('offers commands that begin with what is typed, with what they do', async () => {
  assert.equal(await offered('pr'), ['prune']);
  const { candidates } = await completeWords(['bui'], SOURCES);
  assert.equal(candidates, [{ value: 'build', about: 'build an image from a Dockerfile' }]);
  assert.ok((await offered('')).includes('cache-mounts'));
  assert.ok((await offered('')).includes('help'));
  assert.equal(await offered('--v'), ['--version']);
});

test('offers the second word of commands that have two', async () => {
  assert.equal(await offered('store', ''), ['check']);
  assert.equal(await offered('cache-mounts', 'r'), ['remove', 'rm']);
  assert.equal(await offered('nonsense', ''), []);
});

test('offers flags that are shown in help, once each unless they repeat', async () => {
  const flags = await offered('build', '--');
  assert.ok(flags.includes('--no-cache') && flags.includes('--tag'));
  assert.not.ok(flags.includes('--squash'), 'hidden');
  const later = await offered('build', '--target', 'a', '--target=b', '-t', 'x', '--ta');
  assert.equal(later, ['--tag']);
});

test('offers the values of a flag, as the next word and after an equals sign', async () => {
  assert.equal(await offered('build', '--isolation', 'r'), ['runc']);
  assert.equal(await offered('build', '--progress=pl'), ['--progress=plain']);
  assert.equal(await offered('build', '--target', ''), ['build', 'run']);
  assert.equal(await offered('build', '-f', 'other', '--target=p'), ['--target=packed']);
  assert.equal(await offered('build', '--platform', 'linux/arm6'), ['linux/arm64']);
  assert.equal(await offered('build', '--platform=linux/amd64,linux/a'), [
    '--platform=linux/amd64,linux/arm64',
    '--platform=linux/amd64,linux/arm/v7',
    '--platform=linux/amd64,linux/arm/v6',
  ]);
  assert.equal(await offered('build', '-o', 'type=o'), ['type=oci,dest=']);
});

test('a switch takes no value: the next word is an operand', async () => {
  assert.is(await pathsFor('build', '--no-cache', ''), 'directories');
  assert.is(await pathsFor('build', '-q', ''), 'directories');
});

test('leaves paths to the shell', async () => {
  assert.is(await pathsFor('build', '--file', 'Do'), 'files');
  assert.is(await pathsFor('build', '-f', ''), 'files');
  assert.is(await pathsFor('build', '--iidfile=x'), 'files');
  assert.is(await pathsFor('load', '-i', ''), 'files');
  assert.is(await pathsFor('build', '--target', ''), 'none');
});

test('offers images and cache mounts where commands take them', async () => {
  assert.equal(await offered('rmi', 'app'), ['app:latest', 'app:2']);
  assert.equal(await offered('image', 'rm', 'deb'), ['debian:12']);
  assert.equal(await offered('cache-mounts', 'rm', 'n'), ['npm']);
  assert.equal(await offered('save', '-o', 'x.tar', 'debian:'), ['debian:12']);
});

test('after -- nothing is a flag', async () => {
  assert.equal(await offered('rmi', '--', '--f'), []);
  assert.equal(await offered('rmi', '--', 'deb'), ['debian:12']);
});

test('prints one line for each candidate, whatever its name holds', () => {
  const text = formatCompletion({ candidates: [{ value: 'a\nb\x1b[2J', about: 'x\ty' }], paths: 'files' });
  assert.is(text, 'a b [2J\tx y\n:files\n');
});

test.run();
