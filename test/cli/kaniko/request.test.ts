import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments, toFlagValues } from '../../../src/cli/arguments.ts';
import { createBuildRequest } from '../../../src/cli/build-flags/request.ts';
import { readKanikoContext } from '../../../src/cli/kaniko/context.ts';
import { KANIKO_FLAGS, listNotes } from '../../../src/cli/kaniko/flags.ts';
import { findGitLogin } from '../../../src/cli/kaniko/git-login.ts';
import { readRegistries } from '../../../src/cli/kaniko/registries.ts';
import { toBuildFlags } from '../../../src/cli/kaniko/request.ts';
import { MkimageError } from '../../../src/errors.ts';

const test = suite("flags of kaniko's executor");

const read = (...args: readonly string[]) => toFlagValues(readArguments(args, KANIKO_FLAGS).flags, KANIKO_FLAGS);
const request = (args: readonly string[], env: Record<string, string> = {}) =>
  createBuildRequest(toBuildFlags(read(...args), env), '.', env);
const context = (text: string, more: Partial<Parameters<typeof readKanikoContext>[0]> = {}) =>
  readKanikoContext({ context: text, subPath: undefined, git: undefined, pullMethod: undefined, ...more });
const registries = (args: readonly string[], env: Record<string, string> = {}) =>
  readRegistries(read(...args), { cwd: () => '/here', env });

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof MkimageError && (error.code === 'usage' || error.code === 'unsupported')) return error.message;
    throw error;
  }
  return 'no error';
}

test('the line of GitLab pipelines builds, pushes and caches', () => {
  const args = [
    ...['--context', '/builds/app', '--dockerfile', '/builds/app/Dockerfile', '--cache=true', '--cleanup'],
    ...['--destination', 'registry.test/app:1', '--destination', 'registry.test/app:latest', '--build-arg', 'A=1'],
  ];
  const { tags, outputs, cacheFrom, cacheTo, buildArgs, file, noCache } = request(args);
  assert.equal(tags, ['registry.test/app:1', 'registry.test/app:latest']);
  assert.equal(
    outputs.map((output) => output.type === 'image' && output.push !== undefined),
    [true],
  );
  assert.match(JSON.stringify(cacheFrom[0]!.location), /"ref":"registry.test\/app\/cache:mkimage-[0-9a-f]{12}"/);
  assert.equal(cacheFrom[0]!.location, cacheTo[0]!.location);
  assert.is(cacheTo[0]!.mode, 'max');
  assert.equal(buildArgs, { A: '1' });
  assert.equal(file, { kind: 'path', path: '/builds/app/Dockerfile' });
  assert.is(noCache, false);
});

test('without --cache no cache is used, as in kaniko', () => {
  const { noCache, cacheFrom, cacheTo } = request(['-d', 'registry.test/app']);
  assert.equal([noCache, cacheFrom, cacheTo], [true, [], []]);
});

test('--no-push-cache only reads, and oci: is a folder', () => {
  const { cacheFrom, cacheTo } = request(['--no-push', '--cache', '--cache-repo', 'oci:/cache', '--no-push-cache']);
  assert.is(cacheTo.length, 0);
  assert.is(cacheFrom[0]!.location.type === 'local' && cacheFrom[0]!.location.directory, '/cache');
});

test('images that share a repository for caches have caches of their own', () => {
  const refOf = (...args: readonly string[]) => {
    const { location } = request(['--cache', '--cache-repo=registry.test/cache', ...args]).cacheFrom[0]!;
    return location.type === 'registry' ? location.ref : '';
  };
  const refs = [
    refOf('-d', 'registry.test/one:1'),
    refOf('-d', 'registry.test/two:1'),
    refOf('-d', 'registry.test/one:1', '--target', 'test'),
    refOf('-d', 'registry.test/one:1', '--custom-platform', 'linux/arm64'),
  ];
  assert.is(new Set(refs).size, refs.length);
  assert.is(refOf('-d', 'registry.test/one:2'), refs[0]);
});

test('--tar-path and --oci-layout-path write files beside the push', () => {
  const types = (...args: readonly string[]) =>
    request(['-d', 'registry.test/app', ...args]).outputs.map(({ type }) => type);
  assert.equal(types('--tar-path', 'a.tar'), ['docker', 'image']);
  assert.equal(types('--tarPath=a,b.tar', '--no-push'), ['docker']);
  assert.equal(types('--oci-layout-path', 'layout', '--no-push'), ['oci']);
  assert.equal(types('--no-push'), []);
});

test('--reproducible is the epoch 0 unless a time is given', () => {
  const timeOf = (...args: readonly string[]) => request(['--no-push', ...args]).buildArgs.SOURCE_DATE_EPOCH;
  assert.is(timeOf('--reproducible'), '0');
  assert.is(timeOf('--reproducible', '--build-arg', 'SOURCE_DATE_EPOCH=7'), '7');
  assert.is(timeOf(), undefined);
});

test('a build argument without a value has that of its variable, or none', () => {
  const { buildArgs } = request(['--no-push', '--build-arg', 'SET', '--build-arg', 'UNSET'], { SET: 'x' });
  assert.equal(buildArgs, { SET: 'x', UNSET: '' });
});

test('older names of flags have the same meaning', () => {
  assert.equal(
    request(['--no-push', '--customPlatform=linux/arm64']).platforms,
    request(['--no-push', '--custom-platform=linux/arm64']).platforms,
  );
});

test('credentials for git stay variables, and are for the host of the context only', () => {
  const loginOf = (env: Record<string, string>, place = 'https://host:8443/app.git#main') => findGitLogin(place, env);
  assert.equal(loginOf({ GIT_TOKEN: 'hidden' }).secrets, ['id=GIT_AUTH_TOKEN.host:8443,env=GIT_TOKEN']);
  const { secrets, env } = loginOf({ GIT_USERNAME: 'me', GIT_PASSWORD: 'hidden' });
  assert.equal(secrets, ['id=GIT_AUTH_HEADER.host:8443,env=GIT_AUTH_HEADER']);
  assert.is(env.GIT_AUTH_HEADER, `Basic ${btoa('me:hidden')}`);
  assert.equal(loginOf({ GIT_TOKEN: 'hidden' }, 'https://host/app.tar.gz').secrets, []);
  assert.equal(loginOf({ GIT_TOKEN: 'hidden' }, '/workspace').secrets, []);
});

test('what kaniko refuses is refused, and what mkimage does not have too', () => {
  assert.match(
    messageOf(() => request([])),
    /must provide `--destination`/,
  );
  assert.match(
    messageOf(() => request(['--no-push', '--cache'])),
    /needs `--cache-repo`/,
  );
  assert.match(
    messageOf(() => request(['--no-push', '--image-name-with-digest-file=f'])),
    /needs `--destination`/,
  );
  assert.match(
    messageOf(() => request(['-d', 'a.test/UPPER'])),
    /`--destination a.test\/UPPER`: it is not a name/,
  );
  assert.match(
    messageOf(() => request(['-d', `a@sha256:${'0'.repeat(64)}`])),
    /has a tag, not a digest/,
  );
  assert.match(
    messageOf(() => request(['--no-push', '-b', 'bucket'])),
    /buckets are not read/,
  );
  assert.match(
    messageOf(() => read('--snapshot-modus=redo')),
    /unknown flag `--snapshot-modus`/,
  );
});

test('flags without an effect give one line, and one each where the result differs', () => {
  assert.equal(listNotes(read('--use-new-run', '--snapshot-mode=redo', '--push-retry', '3', '--single-snapshot')), [
    '`--push-retry`, `--snapshot-mode`, `--use-new-run` have no effect: mkimage needs no such setting',
    '`--single-snapshot` is ignored: every step creates its own layer',
  ]);
  assert.equal(listNotes(read('--no-push')), []);
});

test('contexts are directories, archives and repositories', () => {
  assert.equal(context(''), { context: '/workspace' });
  assert.equal(context('dir:///src'), { context: '/src' });
  assert.equal(context('/src/', { subPath: 'app' }), { context: '/src/app' });
  assert.equal(context('tar://stdin'), { context: '-' });
  assert.equal(context('tar:///a.tar.gz'), { context: '-', archive: '/a.tar.gz' });
  assert.equal(context('https://host/a.tar.gz'), { context: 'https://host/a.tar.gz' });
  assert.match(
    messageOf(() => context('s3://bucket/a.tar.gz')),
    /buckets are not read/,
  );
  assert.match(
    messageOf(() => context('ftp://host/a')),
    /unknown scheme `ftp`/,
  );
  assert.match(
    messageOf(() => context('tar://a.tar', { subPath: 'app' })),
    /the context is an archive/,
  );
});

test('a repository may have a ref, a commit, a branch and a directory', () => {
  const commit = 'a'.repeat(40);
  const remote = 'https://github.com/acme/app.git';
  assert.equal(context('git://github.com/acme/app'), { context: remote });
  assert.equal(context('git://github.com/acme/app.git#refs/heads/main'), { context: `${remote}#refs/heads/main` });
  assert.equal(context(`git://github.com/acme/app.git#refs/heads/main#${commit}`), { context: `${remote}#${commit}` });
  assert.equal(context('git://github.com/acme/app.git', { git: 'branch=dev,single-branch=true' }), {
    context: `${remote}#refs/heads/dev`,
  });
  assert.equal(context('git://github.com/acme/app.git', { subPath: 'web' }), { context: `${remote}#:web` });
  assert.equal(context('git://host/app.git', { git: 'recurse-submodules=false' }), {
    context: 'https://host/app.git?submodules=false',
  });
  assert.equal(context('git://host/app.git', { pullMethod: 'http' }), { context: 'http://host/app.git' });
  assert.match(
    messageOf(() => context('git://host/app.git', { git: 'brunch=dev' })),
    /unknown key `brunch`/,
  );
});

test('--insecure is about destinations and caches, and named registries about themselves', () => {
  const isInsecure = (...args: readonly string[]) => {
    const { outputs, cacheTo } = request(['-d', 'one.test/app', '--cache', ...args]);
    return JSON.stringify([outputs, cacheTo]).match(/"insecure":true/g)?.length ?? 0;
  };
  assert.equal([isInsecure(), isInsecure('--insecure'), isInsecure('--skip-tls-verify')], [0, 2, 2]);
  assert.equal(registries(['--insecure']).insecure, []);
  assert.equal(registries(['--skip-tls-verify-registry=three.test']).insecure, ['three.test']);
  assert.equal(registries(['--skip-tls-verify-pull']).insecure, ['*']);
  assert.match(
    messageOf(() => registries(['--insecure-registry=http://x'])),
    /expected HOST/,
  );
});

test('mirrors are those of the flags and of the environment', () => {
  const flags = ['--registry-mirror=mirror.test', '--registry-map=quay.io=quay.test/path;index.docker.io=last.test'];
  const { mirrors } = registries([...flags, '--skip-default-registry-fallback'], {
    KANIKO_REGISTRY_MIRROR: 'env.test',
  });
  assert.equal(mirrors, [
    { registry: 'docker.io', locations: ['mirror.test', 'env.test', 'last.test'], isExclusive: true },
    { registry: 'quay.io', locations: ['quay.test/path'], isExclusive: true },
  ]);
  assert.match(
    messageOf(() => registries(['--registry-mirror=https://mirror.test'])),
    /without a scheme/,
  );
});

test('certificates are files of hosts', () => {
  const { certificates } = registries([
    '--registry-certificate=a.test=ca.pem',
    '--registry-client-cert=b.test=/c.pem,/k.pem',
  ]);
  assert.equal(certificates, [
    { host: 'a.test', authority: '/here/ca.pem' },
    { host: 'b.test', identity: { certificate: '/c.pem', key: '/k.pem' } },
  ]);
  assert.match(
    messageOf(() => registries(['--registry-client-cert=b.test=/c.pem'])),
    /HOST=CERTIFICATE,KEY/,
  );
});

test.run();
