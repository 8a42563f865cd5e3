import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { servedRepositories } from '../support/git-server.ts';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('repositories in builds');
const needing = withNeeds(test, { programs: ['git'] });
const root = tempDir('git-context');
const mkimage = mkimageIn(join(root, 'store'));
const repository = join(root, 'served/app.git');
const COMMITTED = 1_700_000_000;

function makeRepository(): void {
  mkdirSync(join(repository, 'docs'), { recursive: true });
  writeFileSync(
    join(repository, 'Dockerfile'),
    'FROM scratch\nARG SOURCE_DATE_EPOCH\nCOPY . /\nENV AT=$SOURCE_DATE_EPOCH\n',
  );
  writeFileSync(join(repository, 'docs/a.md'), 'A');
  writeFileSync(join(repository, 'b.txt'), 'B');
  const env = { ...process.env, GIT_COMMITTER_DATE: `${COMMITTED} +0000`, GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      env,
      stdio: 'pipe',
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
}

/** What a build gives, as a list of names. */
async function filesOf(args: readonly string[], input?: string): Promise<readonly string[]> {
  const out = join(root, 'out.tar');
  const result = await mkimage(
    ['build', '-q', '-t', 'app', '-o', `type=tar,dest=${out}`, ...args],
    input === undefined ? {} : { input },
  );
  assert.is(result.code, 0, result.stderr);
  return (await succeed('tar', ['-tf', out])).trimEnd().split('\n');
}

const config = async () => JSON.parse((await mkimage(['inspect', 'app'])).stdout)[0];

needing('SOURCE_DATE_EPOCH=context is the time of the commit', async () => {
  makeRepository();
  await servedRepositories(join(root, 'served'), async (base) => {
    const args = ['--build-arg', 'SOURCE_DATE_EPOCH=context', `${base}/app.git`];
    assert.equal(await filesOf(args), ['Dockerfile', 'b.txt', 'docs/', 'docs/a.md']);
    const { Created, Config } = await config();
    assert.is(Date.parse(Created), COMMITTED * 1000);
    assert.ok(Config.Env.includes(`AT=${COMMITTED}`));
  });
});

needing('BUILDKIT_CONTEXT_KEEP_GIT_DIR keeps .git', () =>
  servedRepositories(join(root, 'served'), async (base) => {
    const files = await filesOf(['--build-arg', 'BUILDKIT_CONTEXT_KEEP_GIT_DIR=1', `${base}/app.git`]);
    assert.ok(files.includes('.git/HEAD'));
  }),
);

needing('ADD of a repository leaves out what --exclude names', () =>
  servedRepositories(join(root, 'served'), async (base) => {
    const input = `FROM scratch\nADD --exclude=docs ${base}/app.git /src/\n`;
    assert.equal(await filesOf(['-f', '-', root], input), ['src/', 'src/Dockerfile', 'src/b.txt']);
  }),
);

needing('SOURCE_DATE_EPOCH names a stage, a named context, or in the file the context', () =>
  servedRepositories(join(root, 'served'), async (base) => {
    const url = `${base}/app.git`;
    const time = async (args: readonly string[], input: string) => {
      await filesOf(args, input);
      return Date.parse((await config()).Created) / 1000;
    };
    const stage = `FROM scratch AS src\nADD ${url} /\nFROM scratch\nCOPY --from=src / /\n`;
    assert.is(await time(['--build-arg', 'SOURCE_DATE_EPOCH=src', '-f', '-', root], stage), COMMITTED);
    assert.is(await time(['-f', '-', root], `ARG SOURCE_DATE_EPOCH=SRC\n${stage}`), COMMITTED);
    const plain = 'FROM scratch\nCOPY / /\n';
    const flags = ['--build-context', `named=${url}`, '--build-arg', 'SOURCE_DATE_EPOCH=named'];
    assert.is(await time([...flags, '-f', '-', url], plain), COMMITTED);
    assert.is(await time(['-f', '-', url], `ARG SOURCE_DATE_EPOCH=context\n${plain}`), COMMITTED);
    const local = ['--build-context', `named=${join(root, 'served')}`, '--build-arg', 'SOURCE_DATE_EPOCH=named'];
    assert.ok((await time([...local, '-f', '-', url], plain)) > COMMITTED);
    const unknown = await mkimage(['build', '--build-arg', 'SOURCE_DATE_EPOCH=name', '-f', '-', root], {
      input: stage,
    });
    assert.is(unknown.code, 3);
    assert.match(unknown.stderr, /invalid SOURCE_DATE_EPOCH: name/);
  }),
);

test('SOURCE_DATE_EPOCH takes the time of a file of the web, or that of its newest entry', async () => {
  const folder = join(root, 'web');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'text');
  const tar = join(root, 'web.tar');
  await succeed('tar', ['-cf', tar, `--mtime=@${COMMITTED}`, '-C', folder, '.']);
  const date = 'Sat, 03 Feb 2001 04:05:06 GMT';
  await using server = await serve((request, response) => {
    if (request.url === '/dated.tar') response.setHeader('last-modified', date);
    response.end(request.url === '/text' ? 'no archive' : readFileSync(tar));
  });
  const time = async (name: string) => {
    const input = `FROM scratch AS s\nADD http://127.0.0.1:${server.port}/${name} /\nFROM scratch\n`;
    const env = { SOURCE_DATE_EPOCH: 's' };
    const { code, stderr } = await mkimage(['build', '-t', 'app', '-f', '-', folder], { input, env });
    assert.is(code, 0, stderr);
    return Date.parse((await config()).Created) / 1000;
  };
  assert.is(await time('dated.tar'), Date.parse(date) / 1000);
  assert.is(await time('undated.tar'), COMMITTED);
  assert.is(await time('text'), 0, 'nothing has a time');
});

test('SOURCE_DATE_EPOCH=context is the time of an archive, and nothing for a directory', async () => {
  const folder = join(root, 'plain');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nARG SOURCE_DATE_EPOCH\nENV AT=-$SOURCE_DATE_EPOCH-\n');
  const tar = join(root, 'plain.tar');
  await succeed('tar', ['-cf', tar, `--mtime=@${COMMITTED}`, '-C', folder, '.']);
  const flags = ['build', '-t', 'app', '--build-arg', 'SOURCE_DATE_EPOCH=context'];
  await mkimage([...flags, '-'], { input: readFileSync(tar) });
  assert.is(Date.parse((await config()).Created), COMMITTED * 1000);
  await mkimage([...flags, folder]);
  assert.ok((await config()).Config.Env.includes('AT=--'));
});

test.run();
