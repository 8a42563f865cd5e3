import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dockerKeyOf,
  measureMatch,
  parseServer,
  podmanKeyOf,
  readKey,
} from '../../../src/registry/credentials/names.ts';
import { refuses } from '../../support/rejects.ts';

const test = suite('names of registries in files of credentials');

const HUB = { registry: 'docker.io', repository: '' };

test('all names of Docker Hub mean the same', () => {
  for (const name of [
    undefined,
    '',
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
    'https://index.docker.io/v1/',
  ])
    assert.equal(parseServer(name), HUB, String(name));
});

test('a server is a host, with or without a port, scheme and beginning of a repository', () => {
  assert.equal(parseServer('Registry.Example.com'), { registry: 'registry.example.com', repository: '' });
  assert.equal(parseServer('https://registry.example.com/v2/'), { registry: 'registry.example.com', repository: '' });
  assert.equal(parseServer('localhost:5000'), { registry: 'localhost:5000', repository: '' });
  assert.equal(parseServer('registry.example.com/team/app'), {
    registry: 'registry.example.com',
    repository: 'team/app',
  });
});

test('other texts are refused', async () => {
  for (const text of ['a b', 'registry.example.com/UPPER', 'ftp://host', '-', '/team', 'host.test/../x'])
    await refuses('usage', () => parseServer(text), /not the name of a registry/);
});

test('the path of a key with a scheme means nothing', () => {
  assert.equal(readKey('https://host.test/team/app'), { registry: 'host.test', repository: '' });
  assert.equal(readKey('host.test/team//'), { registry: 'host.test', repository: 'team' });
  for (const version of ['v1', 'v2']) assert.is(readKey(`host.test/${version}/`).repository, '');
});

test('a scope covers whole parts of a repository, and a longer one is more exact', () => {
  const scope = (repository: string) => ({ registry: 'host.test', repository });
  assert.is(measureMatch(scope(''), 'host.test', 'team/app'), 0);
  assert.is(measureMatch(scope('team'), 'host.test', 'team/app'), 4);
  assert.is(measureMatch(scope('team/app'), 'host.test', 'team/app'), 8);
  assert.is(measureMatch(scope('tea'), 'host.test', 'team/app'), undefined);
  assert.is(measureMatch(scope('team'), 'other.test', 'team/app'), undefined);
  assert.is(measureMatch(HUB, 'index.docker.io', 'library/busybox'), 0);
});

test('keys are written as Docker and Podman read them', () => {
  assert.is(dockerKeyOf(HUB), 'https://index.docker.io/v1/');
  assert.is(podmanKeyOf(HUB), 'docker.io');
  for (const write of [dockerKeyOf, podmanKeyOf]) {
    assert.is(write({ registry: 'host.test:5000', repository: '' }), 'host.test:5000');
    assert.is(write({ registry: 'host.test', repository: 'team' }), 'host.test/team');
  }
});

test.run();
