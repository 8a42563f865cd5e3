import type { LookupFunction } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressGuard, scopeOfHost } from '../../src/http/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('where a server may send us');

const SCOPES = {
  public: ['93.184.216.34', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '198.17.0.1', '198.20.0.1'].concat(
    ['[2606:4700::1111]', '[::ffff:93.184.216.34]', '[64:ff9b::5db8:d822]', '[2002:5db8:d822::1]'],
  ),
  private: ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.100.100.200', '198.18.0.1']
    .concat([
      '198.19.255.255',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a00:1]',
      '[2002:a00:1::]',
    ])
    .concat(['[64:ff9b:1::1]', '[::10.0.0.1]', '[::ffff:0:c0a8:101]', '[2001:0:1:2:3:4:5:6]']),
  local: ['127.0.0.1', '127.255.0.1', '0.0.0.0', '0.1.2.3', '169.254.169.254', '192.0.0.192', '224.0.0.1', '239.1.1.1']
    .concat(['240.0.0.1', '255.255.255.255', '[::1]', '[::]', '[fe80::1]', '[febf::1]', '[fec0::1]', '[ff02::1]'])
    .concat([
      '[::ffff:127.0.0.1]',
      '[::ffff:a9fe:a9fe]',
      '[64:ff9b::a9fe:a9fe]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
    ])
    .concat(['[2002:a9fe:a9fe:1:2:3:4:5]', '[fd00:ec2::254]', 'localhost', 'LOCALHOST.', 'a.localhost']),
} as const;

for (const [scope, hosts] of Object.entries(SCOPES)) {
  test(`knows which addresses are ${scope}`, () => {
    for (const host of hosts) assert.is(scopeOfHost(host), scope, host);
  });
}

test('judges an address however a URL writes it', () => {
  for (const text of [
    'http://0x7f.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://127.1/',
    'http://%31%32%37.0.0.1/',
  ])
    assert.is(scopeOfHost(new URL(text).hostname), 'local', text);
  assert.is(scopeOfHost('example.com'), undefined);
});

const answering =
  (...addresses: readonly string[]): LookupFunction =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const lookedUp = (lookup: LookupFunction, name: string) =>
  new Promise((settle, fail) =>
    lookup(name, { all: true }, (error, found) => (error === null ? settle(found) : fail(error))),
  );

test('a host that was sent to is judged by every address that its name has', async () => {
  const guard = new AddressGuard();
  for (const address of ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::ffff:192.168.0.1', 'fe80::1'])
    await refuses(
      'network',
      () => lookedUp(guard.lookup(answering('93.184.216.34', address), 'public'), 'sent.test'),
      /sent us to/,
    );
  assert.equal(await lookedUp(guard.lookup(answering('93.184.216.34'), 'public'), 'sent.test'), [
    { address: '93.184.216.34', family: 4 },
  ]);
});

test('a server in a private network may redirect within it, but not to this machine', async () => {
  const guard = new AddressGuard();
  await lookedUp(guard.lookup(answering('10.0.0.5'), 'local'), 'registry.corp');
  await lookedUp(guard.lookup(answering('93.184.216.34', '10.0.0.5'), 'local'), 'both.test');
  await lookedUp(guard.lookup(answering('127.0.0.1'), 'local'), 'claims-to-be-here.test');
  const reach = (from: string, to: string) => guard.reach(new URL(`https://${from}/`), new URL(`https://${to}/`));
  assert.is(reach('registry.corp', 'storage.corp'), 'private');
  assert.is(reach('10.0.0.5', '10.0.0.6'), 'private');
  assert.is(reach('both.test', '10.0.0.6'), 'public');
  assert.is(reach('claims-to-be-here.test', '127.0.0.1'), 'public');
  assert.is(reach('registry.example.com', '10.0.0.6'), 'public');
  assert.is(reach('localhost:5000', '127.0.0.1:9000'), 'local');
  assert.is(reach('registry.example.com', 'registry.example.com:444'), 'local');
});

test('trusted hosts may have any address: by name, by suffix, by address', () => {
  const guard = new AddressGuard(['storage.corp', '.internal', '10.0.0.6']);
  const reach = (to: string) => guard.reach(new URL('https://registry.example.com/'), new URL(`https://${to}/`));
  for (const host of ['storage.corp', 'a.b.internal', '10.0.0.6']) assert.is(reach(host), 'local', host);
  for (const host of ['evilstorage.corp', 'a.storage.corp', 'internal', '10.0.0.60'])
    assert.is(reach(host), 'public', host);
});

test.run();
