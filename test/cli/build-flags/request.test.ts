import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest } from '../../../src/api/index.ts';
import { readArguments, toFlagValues } from '../../../src/cli/arguments.ts';
import { BUILD_FLAGS, listIgnoredFlagNotes } from '../../../src/cli/build-flags/flags.ts';
import { type BuildFlags, createBuildRequest } from '../../../src/cli/build-flags/request.ts';
import { readCall, readProgressMode } from '../../../src/cli/build-flags/view.ts';
import { MkimageError } from '../../../src/errors.ts';

const test = suite('build request');

const NOTHING: BuildRequest = {
  context: { kind: 'directory', path: '.' },
  file: undefined,
  tags: [],
  target: undefined,
  buildArgs: {},
  labels: {},
  annotations: [],
  platforms: [],
  namedContexts: {},
  secrets: [],
  ssh: [],
  outputs: [],
  part: false,
  cacheFrom: [],
  cacheTo: [],
  expectCached: undefined,
  noCache: false,
  noCacheFilter: [],
  pull: false,
  network: 'default',
  allow: [],
  extraHosts: [],
  shmSize: undefined,
  ulimits: [],
  skipsPolicy: false,
  isolation: undefined,
};

function flagsOf(args: readonly string[]): { flags: BuildFlags; operands: readonly string[] } {
  const read = readArguments(args, BUILD_FLAGS);
  return { flags: toFlagValues(read.flags, BUILD_FLAGS), operands: read.operands };
}

function requestOf(args: readonly string[], env = {}): BuildRequest {
  const { flags, operands } = flagsOf(args);
  const request = createBuildRequest(flags, operands[0]!, env);
  assertPlain(request);
  return request;
}

/** What goes through JSON and is the same afterwards: text, finite numbers, plain objects and lists. */
function assertPlain(value: unknown, path = 'request'): void {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  assert.is(typeof value, 'object', path);
  const isList = Array.isArray(value);
  assert.is(Object.getPrototypeOf(value), isList ? Array.prototype : Object.prototype, path);
  for (const [key, member] of Object.entries(value as object)) {
    assert.ok(member !== undefined || !isList, path);
    assertPlain(member, `${path}.${key}`);
  }
}

const means = (args: string, expected: Partial<BuildRequest>, env = {}) =>
  test(`reads ${args || 'no flags'}`, () =>
    assert.equal(requestOf([...args.split(' ').filter(Boolean), '.'], env), { ...NOTHING, ...expected }));

means('', {});
means('-t a -t=b --tag c:1', {
  tags: ['docker.io/library/a:latest', 'docker.io/library/b:latest', 'docker.io/library/c:1'],
});
test('empty values of flags that may be repeated say nothing', () => {
  const flags = ['output', 'label', 'annotation', 'build-arg', 'secret', 'ssh'].map((name) => `--${name}=`);
  assert.equal(requestOf([...flags, '.']), NOTHING);
});
means('', { platforms: [{ os: 'linux', architecture: 'arm64' }] }, { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' });
means(
  '--platform linux/s390x',
  { platforms: [{ os: 'linux', architecture: 's390x' }] },
  { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' },
);
means('--platform linux/amd64,linux/arm64 --platform linux/s390x', {
  platforms: ['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture })),
});
means('--platform= --platform ,linux', { platforms: [{ os: 'linux' }] });
means('--push --part', { part: true });
means('--platform local', { platforms: [{}] });
means('--platform aarch64', { platforms: [{ architecture: 'arm64' }] });
means('--platform linux', { platforms: [{ os: 'linux' }] });
means('-f docker/Dockerfile --target test', { file: { kind: 'path', path: 'docker/Dockerfile' }, target: 'test' });
means('-f -', { file: { kind: 'stdin' } });
means('-f https://h/Dockerfile', { file: { kind: 'http', url: 'https://h/Dockerfile' } });
means('--build-arg A=1=2 --build-arg B --build-arg C', { buildArgs: { A: '1=2', B: 'here' } }, { B: 'here' });
means('--build-arg A=', { buildArgs: { A: '' } }, { A: 'not this' });
means('', { buildArgs: { SOURCE_DATE_EPOCH: '7' } }, { SOURCE_DATE_EPOCH: '7' });
means('--build-arg SOURCE_DATE_EPOCH=8', { buildArgs: { SOURCE_DATE_EPOCH: '8' } }, { SOURCE_DATE_EPOCH: '7' });
means('--label a=b --label c --annotation x=y', {
  labels: { a: 'b', c: '' },
  annotations: [{ place: 'manifest', key: 'x', value: 'y' }],
});
means('--annotation index,manifest[linux/arm64]:x=y', {
  annotations: [
    { place: 'index', key: 'x', value: 'y' },
    { place: 'manifest', platform: { os: 'linux', architecture: 'arm64' }, key: 'x', value: 'y' },
  ],
});
means('--no-cache --pull --no-cache-filter a,b --no-cache-filter c', {
  noCache: true,
  pull: true,
  noCacheFilter: ['a', 'b', 'c'],
});
means('--no-cache=false', {});
means('-o type=oci,dest=a.tar,name=app --output=out -o type=cacheonly', {
  outputs: [
    {
      type: 'oci',
      dest: 'a.tar',
      tar: true,
      image: {
        compression: undefined,
        level: undefined,
        force: false,
        ociTypes: true,
        names: ['docker.io/library/app:latest'],
        annotations: [],
      },
    },
    { type: 'local', dest: 'out', mode: 'copy' },
    { type: 'cacheonly' },
  ],
});
means('--platform linux/arm64/v8 --network none', {
  platforms: [{ os: 'linux', architecture: 'arm64' }],
  network: 'none',
});
means('--add-host db:10.0.0.7 --add-host v6=[::1] --add-host h:host-gateway', {
  extraHosts: [
    { name: 'db', address: '10.0.0.7' },
    { name: 'v6', address: '::1' },
    { name: 'h', address: 'host-gateway' },
  ],
});
means('--shm-size 128m --ulimit nofile=1024:2048 --allow network.host,device', {
  shmSize: 134_217_728,
  ulimits: [{ name: 'nofile', soft: 1024, hard: 2048 }],
  allow: ['network.host'],
});
means('--ulimit core=0 --ulimit memlock=-1:-1', {
  ulimits: [
    { name: 'core', soft: 0, hard: 0 },
    { name: 'memlock', soft: -1, hard: -1 },
  ],
});
means('--isolation auto', {});
means('--isolation crun', { isolation: 'crun' });
means('--secret id=a,src=f --secret id=b,env=B --secret type=env,id=c --secret id=d', {
  secrets: [
    { id: 'a', source: { kind: 'file', path: 'f' } },
    { id: 'b', source: { kind: 'env', name: 'B' } },
    { id: 'c', source: { kind: 'env', name: 'c' } },
    { id: 'd', source: { kind: 'file', path: 'd' } },
  ],
});
means('--build-arg constructor', { buildArgs: {} });
means('--secret id=constructor', { secrets: [{ id: 'constructor', source: { kind: 'file', path: 'constructor' } }] });
means('--secret id=d', { secrets: [{ id: 'd', source: { kind: 'env', name: 'd' } }] }, { d: 'x' });
means('--secret id=a,"src=b,c"', { secrets: [{ id: 'a', source: { kind: 'file', path: 'b,c' } }] });
means('--ssh default --ssh k=a,b', {
  ssh: [
    { id: 'default', paths: [] },
    { id: 'k', paths: ['a', 'b'] },
  ],
});
means(
  '--build-context d=../d --build-context i=docker-image://alpine:3 --build-context l=oci-layout://x/y:1 --build-context g=https://h/r.git#v1',
  {
    namedContexts: {
      d: { kind: 'directory', path: '../d' },
      i: { kind: 'image', reference: 'alpine:3' },
      l: { kind: 'oci-layout', directory: 'x/y', reference: '1' },
      g: { kind: 'git', url: 'https://h/r.git#v1' },
    },
  },
);
means('--rm --force-rm --compress --builder x -m 1g --provenance=false', {});

test('tells kinds of context apart', () => {
  const kindOf = (context: string) => requestOf([context]).context.kind;
  assert.is(kindOf('-'), 'stdin');
  for (const url of [
    'git@h:a/b',
    'git://h/r',
    'ssh://git@h/r',
    'github.com/a/b',
    'https://h/r.git',
    'https://h/r.git#v1:dir',
    'https://h/r.git?ref=v1',
  ]) {
    assert.is(kindOf(url), 'git', url);
  }
  assert.is(kindOf('https://h/app.tar.gz'), 'http');
  for (const path of ['.', '/a b', 'a@b', 'githubXcom/a', 'http:']) assert.is(kindOf(path), 'directory', path);
});

test('keeps a build argument with the name of an object member', () => {
  const { buildArgs } = requestOf(['--build-arg', '__proto__=x', '.']);
  assert.equal(Object.entries(buildArgs), [['__proto__', 'x']]);
});

const refuses = (args: string, part: string) =>
  test(`refuses ${args}`, () => {
    assert.throws(
      () => requestOf([...args.split(' '), '.']),
      (error: unknown) => error instanceof MkimageError && error.code === 'usage' && error.message.includes(part),
    );
  });

refuses('--secret src=x', '`id` is missing');
refuses('--secret id=x,sorce=y', 'unknown key `sorce`');
refuses('--secret id=x,type=vault', 'unknown type');
refuses('--ssh =x', 'the id is missing');
refuses('--build-context docs', 'NAME=VALUE');
refuses('--build-context a=-', 'standard input');
refuses('--add-host db', 'NAME:IP');
refuses('--add-host db:nowhere', 'NAME:IP');
refuses('--shm-size big', 'not a size');
refuses('--output type=zip', 'unknown type `zip`');
refuses('--platform plan', 'not a platform');
refuses('--ulimit nofile=-1:2', 'above the hard limit');
refuses('--ulimit nofile', 'NAME=SOFT');
refuses('--ulimit nofile=5:2', 'above the hard limit');
refuses('--ulimit nofiles=5', 'unknown limit `nofiles`');
refuses('--build-arg =x', 'the name is empty');
refuses('--label =x', 'the key is empty');
refuses('--annotation x', 'KEY=VALUE');
const pushed = { byDigest: false, canonical: false, insecure: false };
const unchanged = {
  level: undefined,
  force: false,
  ociTypes: true,
  names: [],
  annotations: [],
  compression: undefined,
};
const registry = { type: 'image', image: unchanged, push: pushed } as const;
means('--push', { outputs: [registry] });
means('--push -o type=image,compression=zstd', {
  outputs: [{ ...registry, image: { ...unchanged, compression: 'zstd' } }],
});
means('--push -o type=cacheonly', { outputs: [{ type: 'cacheonly' }, registry] });
means('--push -o type=registry,push-by-digest=true', {
  outputs: [{ ...registry, push: { ...pushed, byDigest: true } }],
});
refuses('--network bridge', 'invalid value for `--network`');
refuses('--isolation hyperv', 'invalid value for `--isolation`');

means('--policy disabled=true', { skipsPolicy: true });
means('--policy reset=1 --policy strict=true', { skipsPolicy: true });
means('--policy strict=true,log-level=debug', {});
means('--policy disabled=false', {});
refuses('--policy filename=a.rego', 'policies for sources are not supported');
refuses('--policy reset=true,filename=a.rego', 'not supported');
refuses('--policy disable=true', 'unknown key `disable`');
refuses('--policy disabled=maybe', 'must be true or false');
refuses('--policy disabled', 'has no value');
refuses('--policy disabled=true,strict=true', 'cannot be combined');
refuses('--policy disabled=true --policy strict=false', 'cannot be combined');
test('refuses a policy of the environment', () => {
  assert.throws(() => requestOf(['.'], { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: 'p.json' }), /policy `p.json`/);
});

for (const good of ['memory=2g', 'memory-swap=-1', 'cpu-quota=50000', 'cpuset-cpus=0-3', ' memory = 512m']) {
  test(`reads --resource ${good}`, () => assert.equal(requestOf(['--resource', good, '.']), NOTHING));
}
refuses('--resource memory', 'KEY=VALUE');
refuses('--resource memroy=2g', 'unknown resource `memroy`');
refuses('--resource memory=much', 'invalid value `much` for memory');
refuses('--resource cpu-shares=half', 'invalid value `half` for cpu-shares');

test('names the ignored flags that someone may count on', () => {
  const { flags } = flagsOf([
    '--rm',
    '--memory=1g',
    '--resource=cpu-shares=2',
    '--cache-from',
    'x',
    '--sbom=false',
    '.',
  ]);
  assert.equal(listIgnoredFlagNotes(flags), [
    '`--memory` is ignored: resource limits are not applied to RUN instructions',
    '`--resource` is ignored: resource limits are not applied to RUN instructions',
  ]);
});

test('chooses how progress is shown', () => {
  const mode = (args: string[], env = {}) => readProgressMode(flagsOf(args).flags, env);
  assert.is(mode([]), 'auto');
  assert.is(mode([], { BUILDKIT_PROGRESS: 'plain' }), 'plain');
  assert.is(mode(['--progress=tty'], { BUILDKIT_PROGRESS: 'plain' }), 'tty');
  assert.is(mode(['-q'], { BUILDKIT_PROGRESS: 'plain' }), 'quiet');
  assert.throws(() => mode(['-q', '--progress=plain']), /cannot be combined/);
  assert.throws(() => mode([], { BUILDKIT_PROGRESS: 'fancy' }), /unknown progress type `fancy`/);
});

test('reads what a build is called for', () => {
  const call = (...args: string[]) => readCall(flagsOf(args).flags);
  assert.equal(call(), { method: 'build', format: 'text' });
  assert.equal(call('--check'), { method: 'check', format: 'text' });
  assert.equal(call('--call=outline,format=json'), { method: 'outline', format: 'json' });
  assert.equal(call('--call=lint'), { method: 'check', format: 'text' });
  assert.throws(() => call('--call=target'), /invalid value for `--call`/);
  assert.throws(() => call('--call=check,format=yaml'), /unknown format/);
  assert.throws(() => call('--check', '--call=targets'), /cannot be combined/);
});

test.run();
