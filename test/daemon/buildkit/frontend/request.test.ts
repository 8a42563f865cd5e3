import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SolveRequest } from '../../../../src/daemon/buildkit/control/build-messages.ts';
import { readIgnorePatterns } from '../../../../src/daemon/buildkit/frontend/ignore-patterns.ts';
import { readFilename, readMainContext, readNamed } from '../../../../src/daemon/buildkit/frontend/inputs.ts';
import { planOutputs } from '../../../../src/daemon/buildkit/frontend/outputs.ts';
import { createRequest } from '../../../../src/daemon/buildkit/frontend/request.ts';
import { isMkimageError } from '../../../../src/errors.ts';

const test = suite('requests of BuildKit clients');

const attributesOf = (pairs: Readonly<Record<string, string>>) => new Map(Object.entries(pairs));
const parts = { context: { kind: 'stdin' }, file: undefined, namedContexts: {}, outputs: [] } as const;
const requestOf = (pairs: Readonly<Record<string, string>>, solve: Partial<SolveRequest> = {}) =>
  createRequest(attributesOf(pairs), SolveRequest.create(solve), parts);

test('attributes become members of the request', () => {
  const request = requestOf(
    {
      target: 't',
      'build-arg:A': '1',
      'label:l': '2',
      platform: 'linux/arm/v7,linux/amd64',
      'no-cache': 'one,two',
      'image-resolve-mode': 'pull',
      'add-hosts': 'h=10.0.0.1,i=::1',
      ulimit: 'nofile=1:2',
      'shm-size': '65536',
      'force-network-mode': 'none',
      unknown: 'x',
    },
    { entitlements: ['network.host'] },
  );
  assert.equal([request.target, request.buildArgs, request.labels], ['t', { A: '1' }, { l: '2' }]);
  assert.equal(request.platforms.length, 2);
  assert.equal([request.noCache, request.noCacheFilter, request.pull], [false, ['one', 'two'], true]);
  assert.equal(request.extraHosts, [
    { name: 'h', address: '10.0.0.1' },
    { name: 'i', address: '::1' },
  ]);
  assert.equal(request.ulimits, [{ name: 'nofile', soft: 1, hard: 2 }]);
  assert.equal([request.shmSize, request.network, request.allow], [65536, 'none', ['network.host']]);
});

test('an empty list of stages without cache means all', () => {
  assert.equal([requestOf({ 'no-cache': '' }).noCache, requestOf({}).noCache], [true, false]);
});

test('a cache that is named in several ways is asked once', () => {
  const ref = 'host.example/team/cache';
  const request = requestOf({
    'cache-from': ref,
    'cache-imports': JSON.stringify([{ Type: 'registry', Attrs: { ref } }]),
  });
  assert.is(request.cacheFrom.length, 1);
});

refuses('a network that does not exist', () => requestOf({ 'force-network-mode': 'x' }));
refuses('a demand that is not met', () => requestOf({ 'frontend.caps': 'moby.magic' }));
refuses('caches that are no JSON', () => requestOf({ 'cache-imports': '{' }));
refuses('a cache in a folder', () => requestOf({ 'cache-imports': '[{"Type":"local","Attrs":{"src":"/etc"}}]' }));
refuses('a context that is a folder here', () => readMainContext(attributesOf({ context: '/etc' })));
refuses('a named context that is a folder here', () => readNamed(attributesOf({ 'context:a': '../x' })));
refuses('a layout', () => readNamed(attributesOf({ 'context:a': 'oci-layout:///x' })));
refuses('a build file outside', () => readFilename(attributesOf({ filename: 'a/../../b' })));

test('a demand that the client can do without is no demand', () => {
  requestOf({ 'frontend.caps': 'moby.magic+forward,moby.buildkit.frontend.contexts' });
});

test('contexts are told apart by how clients name them', () => {
  assert.equal(readMainContext(attributesOf({})), { kind: 'served', directory: 'context' });
  assert.equal(readMainContext(attributesOf({ context: 'http://buildkit-session/abc' })), {
    kind: 'uploaded',
    path: 'abc',
  });
  assert.is(readMainContext(attributesOf({ context: 'https://example.com/a.git' })).kind, 'remote');
  const named = readNamed(
    attributesOf({ 'context:a': 'local:k', 'context:b': 'input:0', 'context:c': 'docker-image://x' }),
  );
  assert.equal(
    Object.values(named).map(({ kind }) => kind),
    ['served', 'result', 'remote'],
  );
});

test('outputs never go to a place that the client names', () => {
  const attributes = new Map([
    ['dest', '/etc'],
    ['name', 'a,b'],
  ]);
  const types = ['docker', 'oci', 'image'];
  const exporters = types.map((type) => ({ type, attributes }));
  const planned = planOutputs(SolveRequest.create({ exporters }), '/work');
  assert.equal(
    planned.map(({ spec }) => ('dest' in spec ? spec.dest : undefined)),
    ['/work/output-0', '/work/output-1', undefined],
  );
});

test('patterns of an ignore file are paths from the root', () => {
  const text = '\uFEFF# no\n  a  \n\n/b/\n!c//d\n./e/../f\n!\n#g\n';
  assert.equal(readIgnorePatterns(text), ['a', 'b', '!c/d', 'f']);
});

test.run();

function refuses(what: string, read: () => unknown): void {
  test(`refuses ${what}`, () => {
    assert.throws(read, (error: unknown) => isMkimageError(error, 'usage') || isMkimageError(error, 'unsupported'));
  });
}
