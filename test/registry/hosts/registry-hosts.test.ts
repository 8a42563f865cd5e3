import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatReference, parseReference } from '../../../src/oci/index.ts';
import { RegistryHosts, type RegistryHostsOptions } from '../../../src/registry/hosts/registry-hosts.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('where registries are');
const root = tempDir('hosts');
let count = 0;

interface Texts {
  readonly conf?: string;
  /** Files of the drop-in folder by name. */
  readonly dropIns?: Readonly<Record<string, string>>;
  readonly own?: string;
  readonly daemon?: string | object;
  /** Files below the folder of certificates. */
  readonly certificates?: Readonly<Record<string, string>>;
}

function hosts(texts: Texts): RegistryHosts {
  const folder = join(root, String(++count));
  const write = (path: string, text: string | undefined) => {
    if (text === undefined) return;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('registries.conf', texts.conf);
  write('own.conf', texts.own);
  write('daemon.json', typeof texts.daemon === 'object' ? JSON.stringify(texts.daemon) : texts.daemon);
  for (const [name, text] of Object.entries(texts.dropIns ?? {})) write(`conf.d/${name}`, text);
  for (const [name, text] of Object.entries(texts.certificates ?? {})) write(`certs.d/${name}`, text);
  const options: RegistryHostsOptions = {
    files: [join(folder, 'registries.conf')],
    folders: [join(folder, 'conf.d')],
    own: [join(folder, 'own.conf')],
    daemons: [join(folder, 'daemon.json')],
    certificates: [join(folder, 'certs.d'), join(folder, 'none')],
  };
  return new RegistryHosts(options);
}

/** The places of an image as text: mirrors, then the origin. */
async function placesOf(all: RegistryHosts, name: string): Promise<readonly string[]> {
  const { mirrors, origin } = await all.findRoute(parseReference(name));
  return [...mirrors, origin].map(formatReference);
}

test('without configuration, every registry is where its name says', async () => {
  const all = hosts({});
  assert.equal(await placesOf(all, 'debian'), ['docker.io/library/debian:latest']);
  const hub = await all.findEndpoint('docker.io');
  assert.equal([hub.host, hub.insecure, hub.loopback, hub.scheme], ['registry-1.docker.io', false, false, undefined]);
  assert.is(await all.findTls('registry.test'), undefined);
});

test('finds mirrors and the location of the longest prefix', async () => {
  const all = hosts({
    conf: `
      [[registry]]
      location = "docker.io"
      [[registry.mirror]]
      location = "mirror.test:5000/hub"
      [[registry.mirror]]
      location = "other.test"

      [[registry]]
      prefix = "docker.io/library"
      location = "base.test/official"

      [[registry]]
      prefix = "old.test/team"
      location = "new.test/group/team"
    `,
  });
  assert.equal(await placesOf(all, 'team/app:1'), [
    'mirror.test:5000/hub/team/app:1',
    'other.test/team/app:1',
    'docker.io/team/app:1',
  ]);
  assert.equal(await placesOf(all, 'debian'), ['base.test/official/debian:latest']);
  assert.equal(await placesOf(all, 'old.test/team/app'), ['new.test/group/team/app:latest']);
  assert.equal(await placesOf(all, 'old.test/teams/app'), ['old.test/teams/app:latest'], 'a prefix ends with a name');
});

test('understands wildcards for subdomains', async () => {
  const all = hosts({
    conf: `
      [[registry]]
      prefix = "*.corp.test"
      location = "cache.test/corp"
      [[registry]]
      prefix = "*.blocked.test"
      blocked = true
    `,
  });
  assert.equal(await placesOf(all, 'a.b.corp.test/x/y'), ['cache.test/corp/x/y:latest']);
  assert.equal(await placesOf(all, 'corp.test/x'), ['corp.test/x:latest']);
  assert.equal(await placesOf(all, 'evilcorp.test/x'), ['evilcorp.test/x:latest']);
  await rejects(all.findRoute(parseReference('a.blocked.test/x')), 'registry', /`\*.blocked.test` is blocked/);
});

test('uses mirrors for digests or tags only, where the file says so', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const mirror = (name: string, pulls: string) =>
    `[[registry.mirror]]\nlocation = "${name}"\npull-from-mirror = "${pulls}"\n`;
  const both = hosts({
    conf: `[[registry]]\nlocation = "a.test"\n${mirror('digests.test', 'digest-only')}${mirror('tags.test', 'tag-only')}`,
  });
  assert.equal(await placesOf(both, 'a.test/x:1'), ['tags.test/x:1', 'a.test/x:1']);
  assert.equal(await placesOf(both, `a.test/x@${digest}`), [`digests.test/x@${digest}`, `a.test/x@${digest}`]);
  const old = hosts({
    conf: '[[registry]]\nlocation = "a.test"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.test"\n',
  });
  assert.equal(await placesOf(old, 'a.test/x:1'), ['a.test/x:1']);
});

test('a later file replaces the rules of earlier ones with the same prefix; the own file is last', async () => {
  const rule = (location: string) => `[[registry]]\nprefix = "a.test"\nlocation = "${location}"\n`;
  const dropIns = { '10.conf': rule('ten.test'), '20.conf': rule('twenty.test'), 'ignored.txt': '][' };
  assert.equal(await placesOf(hosts({ conf: rule('main.test') }), 'a.test/x'), ['main.test/x:latest']);
  assert.equal(await placesOf(hosts({ conf: rule('main.test'), dropIns }), 'a.test/x'), ['twenty.test/x:latest']);
  assert.equal(await placesOf(hosts({ dropIns, own: rule('own.test') }), 'a.test/x'), ['own.test/x:latest']);
});

test('short names do not change the meaning of a bare name', async () => {
  const conf = 'unqualified-search-registries = ["quay.test"]\n[aliases]\n"debian" = "other.test/debian"\n';
  assert.equal(await placesOf(hosts({ conf }), 'debian'), ['docker.io/library/debian:latest']);
});

test('mirrors of the daemon serve Docker Hub only, and rules come first', async () => {
  const daemon = { 'registry-mirrors': ['http://mirror.test:5000/', 'https://m.test/hub'], debug: true };
  const all = hosts({ daemon });
  assert.equal(await placesOf(all, 'debian'), [
    'http://mirror.test:5000/library/debian:latest',
    'https://m.test/hub/library/debian:latest',
    'docker.io/library/debian:latest',
  ]);
  assert.equal(await placesOf(all, 'a.test/x'), ['a.test/x:latest']);
  const plain = await all.findEndpoint('http://mirror.test:5000');
  assert.equal([plain.scheme, plain.host, plain.path], ['http:', 'mirror.test:5000', '']);
  const path = await all.findEndpoint('https://m.test/hub');
  assert.equal([path.scheme, path.host, path.path], ['https:', 'm.test', '/hub']);
  const conf = '[[registry]]\nlocation = "docker.io"\n';
  assert.equal(await placesOf(hosts({ daemon, conf }), 'debian'), ['docker.io/library/debian:latest']);
});

test('knows insecure registries by name, by network and by rule, and no others', async () => {
  const conf = `
    [[registry]]
    location = "rule.test:5000"
    insecure = true
    [[registry]]
    location = "a.test"
    [[registry.mirror]]
    location = "mirror.test/x"
    insecure = true
    [[registry]]
    prefix = "*.dev.test"
    insecure = true
  `;
  const daemon = { 'insecure-registries': ['named.test:5000', '10.1.0.0/16', 'fd00::/8', 'http://scheme.test'] };
  const all = hosts({ conf, daemon });
  const insecure = [
    'rule.test:5000',
    'mirror.test',
    'x.dev.test',
    'named.test:5000',
    '10.1.2.3:5000',
    '[fd00::1]',
    'scheme.test',
  ];
  const secure = ['rule.test', 'a.test', 'named.test', '10.2.2.3:5000', '[fe80::1]'];
  for (const host of [...insecure, ...secure]) {
    assert.is((await all.findEndpoint(host)).insecure, insecure.includes(host), host);
    assert.equal(await all.findTls(host), insecure.includes(host) ? { unverified: true } : undefined, host);
  }
});

test('reads authorities and the client certificate of a host', async () => {
  const certificates = {
    'a.test:5000/ca.crt': 'CA 1',
    'a.test:5000/other.crt': 'CA 2',
    'a.test:5000/client.cert': 'CERT',
    'a.test:5000/client.key': 'KEY',
    'b.test:443/ca.crt': 'CA B',
    'c.test/client.cert': 'CERT',
  };
  const all = hosts({ certificates });
  assert.equal(await all.findTls('a.test:5000'), {
    authorities: ['CA 1', 'CA 2'],
    identity: { certificate: 'CERT', key: 'KEY' },
  });
  assert.equal(await all.findTls('b.test'), { authorities: ['CA B'] });
  assert.is(await all.findTls('a.test'), undefined);
  await rejects(all.findTls('c.test'), 'usage', /client.cert`: the key `.*client.key` is missing/);
});

for (const [title, texts, message] of [
  ['invalid TOML', { conf: '[[registry]]\nlocation = \n' }, /registries.conf`: invalid TOML in line 2/],
  ['a rule without a location', { conf: '[[registry]]\nprefix = "a.test"\n' }, /`a.test` has no `location`/],
  ['a rule without anything', { conf: '[[registry]]\n' }, /neither `prefix` nor `location`/],
  [
    'a mirror without a location',
    { conf: '[[registry]]\nlocation = "a"\n[[registry.mirror]]\n' },
    /a mirror has no `location`/,
  ],
  ['a location with a scheme', { conf: '[[registry]]\nlocation = "http://a.test"\n' }, /`location` has a scheme/],
  ['text for a flag', { conf: '[[registry]]\nlocation = "a"\ninsecure = "yes"\n' }, /`insecure` is not true or false/],
  [
    'another kind of mirror',
    { conf: '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "x"\n' },
    /not all, digest-only or tag-only/,
  ],
  ['the first version of the format', { conf: '[registries.search]\nregistries = []\n' }, /version 1 of the format/],
  ['a daemon.json that is not JSON', { daemon: '{' }, /daemon.json`: not JSON/],
  [
    'mirrors that are not a list',
    { daemon: { 'registry-mirrors': 'x' } },
    /`registry-mirrors` is not a list of strings/,
  ],
  [
    'a mirror that is not a URL',
    { daemon: { 'registry-mirrors': ['mirror.test'] } },
    /`mirror.test` is not an http or https URL/,
  ],
] as const)
  test(`refuses ${title}`, async () => {
    await rejects(hosts(texts).findRoute(parseReference('a.test/x')), 'usage', message);
  });

test.run();
