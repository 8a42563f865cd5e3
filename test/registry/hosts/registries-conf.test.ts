import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatReference, parseReference } from '../../../src/oci/index.ts';
import { findRule, isInsecureByRule, mayPullFrom, relocate } from '../../../src/registry/hosts/match-rule.ts';
import { parseRegistriesConf } from '../../../src/registry/hosts/registries-conf.ts';
import { rejects } from '../../support/rejects.ts';

const test = suite('registries.conf');

const parse = (text: string) => parseRegistriesConf(text, 'registries.conf');
const at = parseReference;

const CONF = `
unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "example.com/team"
location = "mirror.test:5000/copies/"
[[registry.mirror]]
location = "fast.test/copies"
insecure = true
[[registry.mirror]]
location = "digests.test"
pull-from-mirror = "digest-only"
[[registry]]
location = "example.com"
blocked = true
[[registry]]
prefix = "*.corp.test"
insecure = true
`;

test('entries are read with their mirrors and defaults', async () => {
  const [team, all, corp] = await parse(CONF);
  assert.is(team?.location, 'mirror.test:5000/copies');
  assert.equal(team?.mirrors, [
    { location: 'fast.test/copies', insecure: true, pulls: 'all' },
    { location: 'digests.test', insecure: false, pulls: 'digest-only' },
  ]);
  assert.is(all?.prefix, 'example.com');
  assert.is(all?.blocked, true);
  assert.equal(corp, { prefix: '*.corp.test', location: '', insecure: true, blocked: false, mirrors: [] });
});

test('the longest prefix that ends at a part of the reference applies', async () => {
  const rules = await parse(CONF);
  const prefixOf = (text: string) => findRule(rules, at(text))?.prefix;
  assert.is(prefixOf('example.com/team/app:1'), 'example.com/team');
  assert.is(prefixOf('example.com/team:1'), 'example.com/team');
  assert.is(prefixOf('example.com/teams/app'), 'example.com');
  assert.is(prefixOf('example.com:5000/team'), undefined);
  assert.is(prefixOf('a.corp.test:5000/app'), '*.corp.test');
  assert.is(prefixOf('corp.test/app'), undefined);
  assert.is(prefixOf('busybox'), undefined);
});

test('the prefix is replaced by the location; tag and digest stay', () => {
  const move = (text: string, prefix: string, location: string) =>
    formatReference(relocate(at(text), prefix, location));
  assert.is(move('example.com/team/app:1', 'example.com/team', 'mirror.test/copies'), 'mirror.test/copies/app:1');
  assert.is(move('busybox', 'docker.io', 'mirror.test'), 'mirror.test/library/busybox:latest');
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.is(move(`example.com/a@${digest}`, 'example.com', 'mirror.test'), `mirror.test/a@${digest}`);
  assert.is(move('example.com/a:1', 'example.com', ''), 'example.com/a:1');
});

test('a mirror is used for all pulls, or for those by digest or by tag', () => {
  const byTag = at('example.com/a:1');
  const byDigest = at(`example.com/a@sha256:${'a'.repeat(64)}`);
  const uses = (pulls: 'all' | 'digest-only' | 'tag-only') =>
    [byTag, byDigest].map((reference) => mayPullFrom({ location: 'm.test', insecure: false, pulls }, reference));
  assert.equal(uses('all'), [true, true]);
  assert.equal(uses('digest-only'), [false, true]);
  assert.equal(uses('tag-only'), [true, false]);
});

test('a host may be used without TLS only if a rule or mirror for it says so', async () => {
  const rules = await parse(CONF);
  for (const host of ['fast.test', 'a.corp.test']) assert.is(isInsecureByRule(rules, host), true, host);
  for (const host of ['digests.test', 'mirror.test:5000', 'example.com', 'corp.test'])
    assert.is(isInsecureByRule(rules, host), false, host);
});

test('a file without registries needs no parser, and errors name the file', async () => {
  assert.equal(await parse('# = [ broken\nshort-name-mode = "enforcing"'), []);
  const broken: readonly (readonly [string, RegExp])[] = [
    ['[[registry]]\nlocation = ', /registries\.conf`: invalid TOML in line 2/],
    ['[registries.search]\nregistries = []', /version 1/],
    ['[[registry]]\nblocked = true', /neither `prefix` nor `location`/],
    ['[[registry]]\nprefix = "a.test"', /has no `location`/],
    ['[[registry]]\nlocation = "https://a.test"', /has a scheme/],
    ['[[registry]]\nlocation = "a.test"\ninsecure = "yes"', /not true or false/],
    ['[[registry]]\nlocation = "a.test"\n[[registry.mirror]]\ninsecure = true', /a mirror has no `location`/],
  ];
  for (const [text, message] of broken) await rejects(parse(text), 'usage', message);
});

test.run();
