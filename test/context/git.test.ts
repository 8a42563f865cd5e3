import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchGit, type GitFetchOptions, openGitContext } from '../../src/context/git/git.ts';
import { redirectedRemote } from '../../src/context/git/git-redirect.ts';
import { runGit } from '../../src/context/git/run-git.ts';
import { type ErrorCode, isMkimageError, type MkimageError } from '../../src/errors.ts';
import { HttpClient, NO_RETRIES } from '../../src/http/index.ts';
import { DEFAULT_LIMITS, setLimits } from '../../src/limits.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { servedRepositories } from '../support/git-server.ts';
import { withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';
import { serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('git sources');
const needing = withNeeds(test, { programs: ['git'] });
const root = tempDir('git-sources');
const environment = { path: process.env.PATH ?? '' };
let count = 0;

function git(directory: string, ...words: string[]): string {
  const settings = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always'];
  const env = { ...environment, PATH: environment.path, GIT_CONFIG_GLOBAL: '/dev/null', HOME: root };
  return execFileSync('git', ['-C', directory, ...settings, ...words], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
}

interface Repository {
  readonly directory: string;
  commit(files: Record<string, string>): string;
}

/** A repository below the folder that the server shows, with a first commit on `main`. */
function repository(files: Record<string, string>): Repository {
  const directory = join(root, 'served', `r${count++}.git`);
  mkdirSync(directory, { recursive: true });
  git(directory, 'init', '--quiet', '--initial-branch=main');
  git(directory, 'config', 'http.receivepack', 'false');
  const commit = (changed: Record<string, string>) => {
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    git(directory, 'add', '--all');
    git(directory, 'commit', '--quiet', '--message=x');
    return git(directory, 'rev-parse', 'HEAD');
  };
  commit(files);
  return { directory, commit };
}

/** Shows the repositories while the work lasts. */
const served = <T>(work: (base: string, asked: string[]) => Promise<T>) =>
  servedRepositories(join(root, 'served'), work);

const nameOf = ({ directory }: Repository) => directory.slice(directory.lastIndexOf('/'));

function options(more: Partial<GitFetchOptions> = {}): GitFetchOptions {
  return { keepGitDir: false, checksum: undefined, directory: join(root, `checkouts${count++}`), environment, ...more };
}

/** With a program `ssh` that reaches this machine only. */
function folderWithSsh(): string {
  const folder = join(root, `ssh${count++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'ssh'), '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', { mode: 0o755 });
  return folder;
}

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<MkimageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(isMkimageError(error, code), `${error}`);
    return error as MkimageError;
  }
  throw new Error('it did not fail');
}

needing('the default branch is fetched without its history and without .git', () =>
  served(async (base) => {
    const repo = repository({ 'a.txt': 'old' });
    const commit = repo.commit({ 'a.txt': 'new', 'sub/b': 'b' });
    await using checkout = await fetchGit(base + nameOf(repo), options(), createQuietCall());
    assert.is(checkout.commit, commit);
    assert.is(checkout.identity, commit);
    assert.equal(
      checkout.tree.list('').map((entry) => entry.path),
      ['a.txt', 'sub'],
    );
    assert.is(checkout.tree.stat('a.txt')?.mode, 0o644);
    assert.is(await checkout.tree.digest('a.txt'), digestOf('new'));
  }),
);

needing('branches, tags, annotated tags and commits are found, and a branch comes before a tag', () =>
  served(async (base) => {
    const repo = repository({ f: '1' });
    const first = git(repo.directory, 'rev-parse', 'HEAD');
    git(repo.directory, 'tag', 'light');
    git(repo.directory, 'tag', '--annotate', '--message=x', 'heavy');
    git(repo.directory, 'tag', 'both');
    const second = repo.commit({ f: '2' });
    git(repo.directory, 'branch', 'both');
    const url = base + nameOf(repo);
    const cases = { light: first, heavy: first, both: second, 'refs/tags/both': first, [first]: first, main: second };
    for (const [ref, commit] of Object.entries(cases)) {
      const checkout = await fetchGit(`${url}#${ref}`, options(), createQuietCall());
      assert.is(checkout.commit, commit, ref);
      assert.is(await checkout.tree.digest('f'), digestOf(commit === first ? '1' : '2'), ref);
    }
    await fails(fetchGit(`${url}#missing`, options(), createQuietCall()), 'not-found');
    await fails(fetchGit(`${url}#${'0'.repeat(40)}`, options(), createQuietCall()), 'not-found');
  }),
);

needing('a checkout that is there is not fetched again', () =>
  served(async (base, asked) => {
    const repo = repository({ f: '1' });
    const kept = options();
    await fetchGit(base + nameOf(repo), kept, createQuietCall());
    const before = asked.length;
    await fetchGit(base + nameOf(repo), kept, createQuietCall());
    assert.ok(asked.slice(before).length <= 2, asked.join(' '));
    const commit = repo.commit({ f: '2' });
    assert.is((await fetchGit(base + nameOf(repo), kept, createQuietCall())).commit, commit);
    assert.equal(
      readdirSync(kept.directory).filter((name) => name.endsWith('.tmp')),
      [],
    );
  }),
);

needing('a commit id that is here needs no network at all', async () => {
  const repo = repository({ f: '1' });
  const commit = git(repo.directory, 'rev-parse', 'HEAD');
  const kept = options();
  const url = await served(async (base) => {
    await fetchGit(`${base}${nameOf(repo)}#${commit}`, kept, createQuietCall());
    return `${base}${nameOf(repo)}#${commit}`;
  });
  assert.is((await fetchGit(url, kept, createQuietCall())).commit, commit);
});

needing('a subdirectory is the root, and never a symlink out of the repository', () =>
  served(async (base) => {
    const repo = repository({ 'sub/dir/x': 'x' });
    symlinkSync('/etc', join(repo.directory, 'evil'));
    repo.commit({ y: 'y' });
    const url = base + nameOf(repo);
    const checkout = await fetchGit(`${url}#main:sub/dir`, options(), createQuietCall());
    assert.equal(
      checkout.tree.list('').map((entry) => entry.path),
      ['x'],
    );
    for (const subdir of ['evil', 'missing', 'y']) {
      const work = options();
      await fails(fetchGit(`${url}#main:${subdir}`, work, createQuietCall()), 'not-found');
      assert.equal(readdirSync(work.directory), []);
    }
  }),
);

needing('a checksum is compared, by its beginning', () =>
  served(async (base) => {
    const repo = repository({ f: '1' });
    const commit = git(repo.directory, 'rev-parse', 'HEAD');
    const url = base + nameOf(repo);
    await fetchGit(url, options({ checksum: commit.slice(0, 10) }), createQuietCall());
    await fails(fetchGit(url, options({ checksum: '00000000' }), createQuietCall()), 'integrity');
    await fails(fetchGit(url, options({ checksum: 'not hex' }), createQuietCall()), 'usage');
    await fails(fetchGit(`${url}?checksum=${commit}`, options({ checksum: '0000' }), createQuietCall()), 'usage');
  }),
);

needing('.git is kept on demand, without passwords', () =>
  served(async (base) => {
    const repo = repository({ f: '1' });
    const url = `${base.replace('http://', 'http://user:secret@')}${nameOf(repo)}`;
    const checkout = await fetchGit(url, options({ keepGitDir: true }), createQuietCall());
    assert.ok(checkout.tree.stat('.git/HEAD'));
    assert.not.match(readFileSync(join(checkout.directory, '.git/config'), 'utf8'), 'secret');
    assert.is.not(checkout.identity, checkout.commit);
    assert.is(git(checkout.directory, 'status', '--porcelain'), '');
    assert.is(checkout.tree.stat('.git/FETCH_HEAD'), undefined);
  }),
);

needing('hooks and filters of a repository or its owner do not run', () =>
  served(async (base) => {
    const trap = join(root, `trap${count++}`);
    const repo = repository({ '.gitattributes': '* filter=evil\n', f: '1' });
    git(repo.directory, 'config', 'filter.evil.smudge', `touch ${trap}`);
    writeFileSync(join(repo.directory, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await fetchGit(base + nameOf(repo), options(), createQuietCall());
    assert.throws(() => readFileSync(trap));
  }),
);

needing('submodules are fetched, but not from files of this machine', () =>
  served(async (base) => {
    const inner = repository({ inside: 'x' });
    const outer = repository({ f: '1' });
    git(outer.directory, 'submodule', '--quiet', 'add', inner.directory, 'sub');
    git(outer.directory, 'config', '--file=.gitmodules', 'submodule.sub.url', base + nameOf(inner));
    outer.commit({ f: '2' });
    const url = base + nameOf(outer);
    const checkout = await fetchGit(url, options(), createQuietCall());
    assert.is(await checkout.tree.digest('sub/inside'), digestOf('x'));
    assert.is(checkout.tree.stat('sub/.git'), undefined);
    const without = await fetchGit(`${url}?submodules=false`, options(), createQuietCall());
    assert.is(without.tree.stat('sub/inside'), undefined);
    git(outer.directory, 'config', '--file=.gitmodules', 'submodule.sub.url', inner.directory);
    outer.commit({ f: '3' });
    const error = await fails(fetchGit(url, options(), createQuietCall()), 'network');
    assert.match(error.message, /transport 'file' not allowed/);
  }),
);

needing('submodules come over plain http only if the repository does', () =>
  served(async (base) => {
    const inner = repository({ inside: 'x' });
    const outer = repository({ f: '1' });
    git(outer.directory, 'submodule', '--quiet', 'add', inner.directory, 'sub');
    git(outer.directory, 'config', '--file=.gitmodules', 'submodule.sub.url', base + nameOf(inner));
    outer.commit({ f: '2' });
    const secure = { environment: { ...environment, path: `${folderWithSsh()}:${environment.path}` } };
    const url = `ssh://host${outer.directory}`;
    const error = await fails(fetchGit(url, options(secure), createQuietCall()), 'network');
    assert.match(error.message, /transport 'http' not allowed/);
    const without = await fetchGit(`${url}?submodules=false`, options(secure), createQuietCall());
    assert.is(without.tree.stat('f')?.type, 'file');
  }),
);

needing('times can be those of the commit', () =>
  served(async (base) => {
    const repo = repository({ 'd/f': '1' });
    const seconds = Number(git(repo.directory, 'log', '-1', '--format=%ct'));
    const checkout = await fetchGit(`${base}${nameOf(repo)}?mtime=commit`, options(), createQuietCall());
    assert.equal([checkout.tree.stat('d')?.mtime, checkout.tree.stat('d/f')?.mtime], [seconds, seconds]);
  }),
);

needing('names that are not UTF-8 come as they are, with and without times of the commit', () =>
  served(async (base) => {
    const repo = repository({ f: '1' });
    mkdirSync(Buffer.from(`${repo.directory}/d\xff`, 'latin1'));
    writeFileSync(Buffer.from(`${repo.directory}/d\xff/\xe9`, 'latin1'), '2');
    repo.commit({ g: '3' });
    for (const query of ['', '?mtime=commit', '?keep-git-dir=true']) {
      const { tree } = await fetchGit(`${base}${nameOf(repo)}${query}`, options(), createQuietCall());
      assert.is(await tree.digest('d\udcff/\udce9'), digestOf('2'), query);
    }
  }),
);

needing('a repository that lies as files on a web server is fetched whole', async () => {
  const repo = repository({ f: '1' });
  git(repo.directory, 'update-server-info');
  const server = createServer((request, response) => {
    const file = join(repo.directory, '.git', (request.url ?? '').split('?')[0]!.replace('/files.git', ''));
    response.statusCode = existsSync(file) ? 200 : 404;
    response.end(existsSync(file) ? readFileSync(file) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files.git`;
    const { tree } = await fetchGit(url, options(), createQuietCall());
    assert.ok(tree.stat('f'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

needing('a repository is a context, called by its URL without credentials', () =>
  served(async (base) => {
    const repo = repository({ '.dockerignore': 'f', f: '1' });
    const url = `${base.replace('http://', 'http://user:secret@')}${nameOf(repo)}`;
    const seconds = Number(git(repo.directory, 'log', '-1', '--format=%ct'));
    await using context = await openGitContext(url, options(), createQuietCall());
    assert.is(context.name, base + nameOf(repo));
    assert.is(context.time, seconds);
    const tree = await context.scan([''], createQuietCall());
    assert.ok(tree.stat('f'), 'no ignore file applies to a repository');
  }),
);

needing('what git says is told without passwords, and a missing server is an error of the network', async () => {
  const error = await fails(fetchGit('http://user:secret@127.0.0.1:1/x.git', options(), createQuietCall()), 'network');
  assert.match(error.message, /^run git ls-remote: /);
  assert.not.match(JSON.stringify(error.evidence) + error.message, 'secret');
});

needing('the signal ends git at once', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = new AbortController();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`;
  const work = fetchGit(url, options(), { signal: stop.signal, report: () => {} });
  setTimeout(() => stop.abort(), 100);
  try {
    await fails(work, 'cancelled');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('without git it says so', async () => {
  const empty = join(root, 'no-programs');
  mkdirSync(empty);
  const run = { arguments: ['version'], environment: { path: empty }, signal: createQuietCall().signal };
  const error = await fails(runGit(run), 'unsupported');
  assert.match(error.message, /not installed/);
  rmSync(empty, { recursive: true });
});

needing('a redirect of a server is followed where other fetches follow theirs', async () => {
  const repo = repository({ f: 'moved' });
  await using http = new HttpClient({ retries: NO_RETRIES });
  await served(async (base) => {
    let location = (path: string) => `${base}${path}`;
    await using server = await serve((request, response) =>
      response.writeHead(301, { location: location(request.url ?? '') }).end(),
    );
    const redirected = (remote: string) => redirectedRemote({ remote, header: undefined }, http, createQuietCall());
    const url = `http://127.0.0.1:${server.port}${nameOf(repo)}`;
    const { tree } = await fetchGit(url, options({ redirected }), createQuietCall());
    assert.is(tree.stat('f')?.size, 5);
    const commit = git(repo.directory, 'rev-parse', 'HEAD');
    await fetchGit(`${url}#${commit}`, options({ redirected }), createQuietCall());
    for (const elsewhere of ['http://169.254.169.254', 'http://10.0.0.1', 'http://localhost:1']) {
      location = (path) => `${elsewhere}${path}`;
      await rejects(fetchGit(url, options({ redirected }), createQuietCall()), 'network', /sent us to/);
    }
    location = () => `${base}/somewhere/else`;
    await rejects(fetchGit(url, options({ redirected }), createQuietCall()), 'network', /is not a repository/);
  });
});

needing('a server that takes too long is given up', async () => {
  const server = await serve(() => {});
  setLimits({ ...DEFAULT_LIMITS, FETCH_SECONDS: 0.3 });
  try {
    await rejects(
      fetchGit(`http://127.0.0.1:${server.port}/r.git`, options(), createQuietCall()),
      'limit',
      /0\.3 seconds/,
    );
  } finally {
    setLimits(DEFAULT_LIMITS);
    await server[Symbol.asyncDispose]();
  }
});

test.run();
