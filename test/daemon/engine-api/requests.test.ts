/** What is read from requests, and where a daemon listens. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBuildRequest } from '../../../src/daemon/engine-api/bodies/build.ts';
import { takeMembers } from '../../../src/daemon/engine-api/bodies/shape.ts';
import { readBoolean, readFilters, readTime } from '../../../src/daemon/engine-api/http/query.ts';
import { Router } from '../../../src/daemon/engine-api/http/router.ts';
import { readPath } from '../../../src/daemon/engine-api/http/versions.ts';
import { parseAddress, requireSafeAddress } from '../../../src/daemon/engine-api/listen/address.ts';

const test = suite('daemon: requests');
const query = (values: Record<string, string>) => new URLSearchParams(values);

test('booleans are false as Docker has it', () => {
  for (const text of ['', '0', 'no', 'False', 'NONE']) assert.is(readBoolean(query({ x: text }), 'x'), false, text);
  for (const text of ['1', 'true', 'True', 'anything']) assert.is(readBoolean(query({ x: text }), 'x'), true, text);
});

test('filters are lists, or objects of values that are set', () => {
  assert.equal(readFilters(query({ filters: '{"label":["a=b","c"]}' })), { label: ['a=b', 'c'] });
  assert.equal(readFilters(query({ filters: '{"label":{"a=b":true,"c":false}}' })), { label: ['a=b'] });
  for (const filters of ['[]', '{"a":1}', '{']) assert.throws(() => readFilters(query({ filters })), /invalid/);
});

test('times are seconds with a fraction, or RFC 3339; zero is the beginning', () => {
  assert.is(readTime(query({ since: '1700000000.125' }), 'since'), 1_700_000_000_125);
  assert.is(readTime(query({ since: '2026-01-02T03:04:05Z' }), 'since'), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.is(readTime(query({ since: '0' }), 'since'), undefined);
  assert.throws(() => readTime(query({ since: 'soon' }), 'since'), /not a time/);
});

test('names of images may have slashes, written or encoded', () => {
  const found: string[][] = [];
  const router = new Router<undefined>({ 'GET /images/**/json': async () => {}, 'GET /images/json': async () => {} });
  for (const path of ['/v1.41/images/localhost:5000/team/app/json', '/images/team%2Fapp/json', '/images/json'])
    found.push([...router.find('GET', readPath(path).segments)!.parameters]);
  assert.equal(found, [['localhost:5000/team/app'], ['team/app'], []]);
  assert.is(router.find('POST', ['images', 'json']), undefined);
});

test('members of another kind are refused, null is absent, others are left out', () => {
  assert.equal(takeMembers({ a: 'x', b: null, c: 1 }, { a: 'words', b: 'flag' }, 'it'), { a: ['x'] });
  assert.throws(() => takeMembers({ a: 1 }, { a: 'text' }, 'it'), 'invalid value of a in it');
  assert.throws(() => takeMembers([], { a: 'text' }, 'it'), 'expected a JSON object');
});

test('a build has the values of its query, and refuses what it cannot do', () => {
  const { buildArgs, tags, labels, file, ulimits } = readBuildRequest(
    query({
      t: 'app',
      buildargs: '{"A":"1","B":null}',
      labels: '{"k":"v"}',
      ulimits: '[{"Name":"nofile","Soft":10,"Hard":20}]',
    }),
  );
  assert.equal([buildArgs, labels, file], [{ A: '1' }, { k: 'v' }, { kind: 'path', path: 'Dockerfile' }]);
  assert.equal(tags, ['docker.io/library/app:latest']);
  assert.equal(ulimits, [{ name: 'nofile', soft: 10, hard: 20 }]);
  for (const bad of [{ squash: '1' }, { dockerfile: '../x' }, { remote: '/etc' }, { networkmode: 'container:x' }])
    assert.throws(() => readBuildRequest(query(bad as unknown as Record<string, string>)));
});

test('a daemon listens where others cannot connect without a certificate', () => {
  for (const safe of ['unix:///run/x.sock', 'tcp://127.0.0.1:2375', 'tcp://[::1]:2375', 'tcp://localhost:1', 'fd://'])
    requireSafeAddress(parseAddress(safe), false);
  for (const open of ['tcp://0.0.0.0:2375', 'tcp://[::]:2375', 'tcp://example.com:2375', 'tcp://127.evil.com:1']) {
    assert.throws(() => requireSafeAddress(parseAddress(open), false), /without a certificate/);
    requireSafeAddress(parseAddress(open), true);
  }
  for (const bad of ['/run/x.sock', 'unix://x', 'http://x', 'tcp://x', 'tcp://x:99999', 'fd://x'])
    assert.throws(() => parseAddress(bad), /the address is invalid/);
});

test.run();
