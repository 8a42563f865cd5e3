/** The contract of the context port on every backend. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openArchiveContext } from '../../src/context/archive.ts';
import { emptyContext } from '../../src/context/empty.ts';
import { openGitContext } from '../../src/context/git/git.ts';
import type { BuildContext } from '../../src/context/index.ts';
import { openLocalContext } from '../../src/context/local/local.ts';
import { readConfig } from '../../src/engine/config.ts';
import { contextServices } from '../../src/engine/context-services.ts';
import { HttpClient } from '../../src/http/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { type ContextFiles, contextContract, SOME_FILES } from '../contract/context.ts';
import { memoryContext } from '../fakes/memory-context.ts';
import { servedRepositories } from '../support/git-server.ts';
import { rejects } from '../support/rejects.ts';
import { serve } from '../support/scripted-server.ts';
import { tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const root = tempDir('context-contract');
let count = 0;

function folder(): string {
  const directory = join(root, `d${count++}`);
  mkdirSync(directory);
  return directory;
}

function folderWith(files: ContextFiles, directory = folder()): string {
  for (const [path, file] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    if (typeof file === 'string') writeFileSync(join(directory, path), file);
    else symlinkSync(file.symlink, join(directory, path));
  }
  return directory;
}

function archiveOf(files: ContextFiles): Buffer {
  return tarOf(
    Object.entries(files).map(([path, file]) =>
      typeof file === 'string' ? { path, bytes: file } : { path, symlink: file.symlink },
    ),
  );
}

async function openLocal(files: ContextFiles): Promise<BuildContext> {
  const directory = folderWith(files);
  return openLocalContext({ directory, ignoreFile: undefined, statCacheFile: join(folder(), 'stat') });
}

/** From a server that asks for a password. */
async function openGit(files: ContextFiles): Promise<BuildContext> {
  const served = folder();
  const repository = join(served, 'r.git');
  mkdirSync(repository);
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', HOME: root },
    });
  git('init', '--quiet', '--initial-branch=main');
  folderWith(files, repository);
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  const environment = { path: process.env.PATH ?? '' };
  const options = { keepGitDir: false, checksum: undefined, directory: folder(), environment };
  return await servedRepositories(served, (base) =>
    openGitContext(`${base.replace('://', '://user:secret@')}/r.git`, options, createQuietCall()),
  );
}

async function openArchive(files: ContextFiles): Promise<BuildContext> {
  return openArchiveContext(
    { name: 'stdin', tar: Readable.from([archiveOf(files)]), directory: folder() },
    createQuietCall(),
  );
}

/** A tar on the web, as the engine opens it, from a server that asks for a password. */
async function openHttp(files: ContextFiles): Promise<BuildContext> {
  const archive = gzipSync(archiveOf(files));
  await using server = await serve((request, response) => {
    if (request.headers.authorization === `Basic ${btoa('user:secret')}`) response.end(archive);
    else response.writeHead(401).end();
  });
  await using http = new HttpClient();
  const contexts = contextServices(readConfig({ MKIMAGE_ROOT: folder() }), folder, async () => http);
  const url = `http://user:secret@127.0.0.1:${server.port}/context.tar.gz`;
  return await contexts.remote({ kind: 'http', url }, createQuietCall());
}

contextContract('local', { files: SOME_FILES, open: openLocal });
contextContract('git', { files: SOME_FILES, needs: { programs: ['git'] }, open: openGit });
contextContract('archive', { files: SOME_FILES, open: openArchive });
contextContract('http', { files: SOME_FILES, open: openHttp });
contextContract('empty', { files: {}, open: async () => emptyContext() });
contextContract('memory fake', { files: SOME_FILES, open: async (files) => memoryContext(files) });

const test = suite('contexts that come as an archive');

test('leave nothing on the disk when they are closed, nor when they cannot be opened', async () => {
  const directory = folder();
  const open = (bytes: Buffer) =>
    openArchiveContext({ name: 'stdin', tar: Readable.from([bytes]), directory }, createQuietCall());
  const context = await open(archiveOf(SOME_FILES));
  assert.is(readdirSync(directory).length, 1);
  await context[Symbol.asyncDispose]();
  await rejects(open(Buffer.alloc(700, 'x')), 'invalid-archive');
  assert.equal(readdirSync(directory), []);
});

test.run();
