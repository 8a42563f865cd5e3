import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { servedRepositories } from '../support/git-server.ts';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const test = suite("pipelines with kaniko's command line");
const needing = (...programs: readonly string[]) => withNeeds(test, { programs: [REGISTRY_PROGRAM, ...programs] });
const root = tempDir('kaniko');
const context = join(root, 'context');
mkdirSync(join(context, 'sub'), { recursive: true });
writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nARG NAME=none\nLABEL name=$NAME\nCOPY file /file\n');
writeFileSync(join(context, 'file'), 'content\n');
writeFileSync(join(context, 'sub/Dockerfile'), 'FROM scratch\nCOPY only /\n');
writeFileSync(join(context, 'sub/only'), 'here\n');

let machines = 0;
const newMachine = () => mkimageIn(join(root, `machine-${++machines}`));

async function executed(args: readonly string[], options: Parameters<ReturnType<typeof newMachine>>[1] = {}) {
  const result = await newMachine()(['executor', ...args], options);
  assert.is(result.code, 0, result.stderr);
  return result;
}

const inspect = async (name: string) =>
  JSON.parse(await succeed('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`]));

needing('skopeo')('build and push under several names, and write the digest files', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app`;
  const [digest, names, tagged] = ['digest', 'names', 'tagged'].map((file) => join(root, file)) as [
    string,
    string,
    string,
  ];
  const { stderr } = await executed([
    ...['--context', `dir://${context}`, '--dockerfile', join(context, 'Dockerfile')],
    ...['--destination', `${name}:1`, '--destination', `${name}:latest`, '--insecure', '--skip-tls-verify'],
    ...['--build-arg', 'NAME=app', '--label', 'team=core', '--digest-file', digest],
    ...['--image-name-with-digest-file', names, '--image-name-tag-with-digest-file', tagged],
    ...['--snapshot-mode=redo', '--use-new-run', '--cleanup', '--push-retry', '3', '--verbosity=info'],
  ]);
  assert.match(stderr, /`--cleanup`, `--push-retry`, `--snapshot-mode`, `--use-new-run` have no effect/);
  const found = await inspect(`${name}:1`);
  assert.equal(found.Labels, { name: 'app', team: 'core' });
  assert.is(readFileSync(digest, 'utf8'), found.Digest);
  assert.is((await inspect(`${name}:latest`)).Digest, found.Digest);
  assert.is(readFileSync(names, 'utf8'), `${name}@${found.Digest}\n`.repeat(2));
  assert.is(readFileSync(tagged, 'utf8'), `${name}:1@${found.Digest}\n${name}:latest@${found.Digest}\n`);
});

needing()('share a cache in a repository', async () => {
  await using registry = await startRegistry();
  const args = [
    ...['--context', context, '--destination', `${registry.host}/app:1`, '--cache=true', '--log-format=text'],
    ...['--cache-repo', `${registry.host}/caches`, '--cache-ttl=24h', '--insecure-registry', registry.host],
  ];
  assert.not.match((await executed(args)).stderr, / CACHED$/m);
  assert.match((await executed(args)).stderr, / CACHED$/m);
  const uncached = args.filter((arg) => arg !== '--cache=true');
  assert.not.match((await executed(uncached)).stderr, / CACHED$/m);
});

test('write an archive without pushing', async () => {
  const archive = join(root, 'app.tar');
  await executed(['-c', context, '-d', 'registry.invalid/app:1', '--no-push', '--tarPath', archive]);
  const manifest = JSON.parse(await succeed('tar', ['-xOf', archive, 'manifest.json']));
  assert.equal(manifest[0].RepoTags, ['registry.invalid/app:1']);
});

test('read an archive as context, from a file and from standard input', async () => {
  const archive = join(root, 'context.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', context, '.']);
  const outputOf = async (args: readonly string[], input?: Buffer) => {
    const out = join(root, `layout-${++machines}`);
    await executed(
      ['--no-push', '--oci-layout-path', out, '--reproducible', ...args],
      input === undefined ? {} : { input },
    );
    return JSON.parse(readFileSync(join(out, 'index.json'), 'utf8')).manifests[0].digest as string;
  };
  const digests = [
    await outputOf(['--context', context]),
    await outputOf(['--context', `tar://${archive}`]),
    await outputOf(['--context', 'tar://stdin'], readFileSync(archive)),
  ];
  assert.is(new Set(digests).size, 1, digests.join());
  assert.is.not(await outputOf(['--context', context, '--context-sub-path', 'sub']), digests[0]);
});

withNeeds(test, { programs: ['git'] })('read a repository with a ref and a directory as context', async () => {
  const repository = join(root, 'served/app.git');
  mkdirSync(repository, { recursive: true });
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { stdio: 'pipe' });
  execFileSync('cp', ['-r', `${context}/.`, repository]);
  git('init', '--quiet', '--initial-branch=dev');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  await servedRepositories(join(root, 'served'), async (base) => {
    const host = base.replace('http://', '');
    const out = join(root, 'from-git.tar');
    const flags = ['--no-push', '--context-sub-path', 'sub', '--tar-path', out];
    const env = { GIT_PULL_METHOD: 'http' };
    await executed(['--context', `git://${host}/app.git#refs/heads/dev`, ...flags], { env });
    assert.ok(existsSync(out));
  });
});

needing('skopeo', 'openssl')(
  'verify a registry by the certificate that the flag names, and refuse it without',
  async () => {
    const certificate = throwawayCertificate(['localhost']);
    await using registry = await startRegistry({ tls: certificate });
    const authority = join(root, 'authority.pem');
    writeFileSync(authority, certificate.cert);
    const args = ['executor', '--context', context, '--destination', `${registry.host}/app:1`];
    const refused = await newMachine()(args);
    assert.is.not(refused.code, 0);
    assert.match(refused.stderr, /certificate/);
    await executed([...args.slice(1), '--registry-certificate', `${registry.host}=${authority}`]);
    await executed([...args.slice(1), '--skip-tls-verify']);
    assert.is((await inspect(`${registry.host}/app:1`)).Digest.slice(0, 7), 'sha256:');
  },
);

needing()('pull bases through a mirror only, if they are told to', async () => {
  await using registry = await startRegistry();
  await executed(['-c', join(context, 'sub'), '-d', `${registry.host}/library/base:1`, '--insecure']);
  const folder = join(root, 'mirrored');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM base:1\nLABEL x=y\n');
  await executed([
    ...['--context', folder, '--no-push', '--registry-mirror', registry.host],
    ...['--skip-default-registry-fallback', '--insecure-pull'],
  ]);
});

test('say what is wrong, with the exit code of a wrong command line', async () => {
  const failed = async (...args: readonly string[]) => {
    const { code, stderr } = await newMachine()(['executor', ...args]);
    return `${code} ${stderr}`;
  };
  assert.match(await failed('--context', context), /^2 .*must provide `--destination`/);
  assert.match(await failed('--context', context, '--no-push', '--nonsense'), /^2 .*unknown flag `--nonsense`/);
  assert.match(await failed('--context', 'tar:///nowhere.tar', '--no-push'), /no such archive/);
});

test.run();
