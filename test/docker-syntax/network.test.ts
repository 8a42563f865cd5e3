import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEndpoints, readNetwork } from '../../src/docker-syntax/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('docker syntax: networks');
const NONE = { aliases: [], ip: undefined };

test('a network is a name, or a list of settings', async () => {
  assert.equal(readNetwork('app'), { name: 'app', settings: {} });
  assert.equal(readNetwork('container:web'), { name: 'container:web', settings: {} });
  assert.equal(readNetwork('name=app,alias=a,alias=b,ip=10.0.0.9'), {
    name: 'app',
    settings: { Aliases: ['a', 'b'], IPAMConfig: { IPv4Address: '10.0.0.9' } },
  });
  await refuses('usage', () => readNetwork('alias=a'), /the name is missing/);
  await refuses('unsupported', () => readNetwork('name=app,driver-opt=x'), /the option driver-opt is not supported/);
});

test('aliases and the address belong to the first network of a user', async () => {
  const wanted = ['bridge', 'app', 'other'].map(readNetwork);
  const endpoints = readEndpoints(wanted, { aliases: ['www'], ip: '10.0.0.9' });
  assert.equal(Object.keys(endpoints), ['bridge', 'app', 'other']);
  assert.equal(endpoints.app, { Aliases: ['www'], IPAMConfig: { IPv4Address: '10.0.0.9' } });
  assert.equal(endpoints.other, {});
  assert.equal(readEndpoints(['host', 'container:x'].map(readNetwork), NONE), {});
  await refuses(
    'usage',
    () => readEndpoints([readNetwork('bridge')], { ...NONE, aliases: ['www'] }),
    /network-scoped aliases/,
  );
  await refuses(
    'usage',
    () => readEndpoints([readNetwork('host')], { ...NONE, ip: '10.0.0.9' }),
    /user specified IP address/,
  );
});

test.run();
