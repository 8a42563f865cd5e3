import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('a cache that machines share');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const root = tempDir('shared-cache');

const BUILD_FILE = `FROM scratch AS tools
COPY rootfs /
FROM tools AS build
WORKDIR /src
COPY main .
RUN --mount=type=cache,id=objects,target=/objects echo "$(cat main) compiled" >out && echo object >/objects/main.o
FROM scratch
COPY --from=build /src/out /app
`;

interface Project {
  readonly folder: string;
  readonly cache: string;
}

let projects = 0;
function newProject(): Project {
  const home = join(root, `project-${++projects}`);
  const folder = join(home, 'context');
  makeBusyboxRoot(join(folder, 'rootfs'));
  writeFileSync(join(folder, 'main'), 'one\n');
  writeFileSync(join(folder, 'Dockerfile'), BUILD_FILE);
  return { folder, cache: join(home, 'cache') };
}

let machines = 0;
/** A machine of its own: it shares nothing with the others but the cache. */
const newMachine = () => mkimageIn(join(root, `machine-${++machines}`));
const blobsOf = (cache: string) =>
  readdirSync(join(cache, 'blobs/sha256')).map((name) => join(cache, 'blobs/sha256', name));

async function built(mkimage: ReturnType<typeof newMachine>, { folder }: Project, ...flags: string[]) {
  const result = await mkimage(['build', '--progress=plain', '-t', 'app', ...flags, folder]);
  assert.is(result.code, 0, result.stderr);
  return { ...result, cached: result.stderr.match(/ CACHED$/gm)?.length ?? 0 };
}

const to = ({ cache }: Project, more = '') => `--cache-to=type=local,dest=${cache},mode=max${more}`;
const from = ({ cache }: Project, more = '') => `--cache-from=type=local,src=${cache}${more}`;

asRoot('gives another machine every step, and the same image', async () => {
  const project = newProject();
  const first = await built(newMachine(), project, to(project));
  const second = await built(newMachine(), project, from(project));
  assert.is(second.cached, 5, second.stderr);
  assert.is(second.stdout, first.stdout);
});

asRoot('fetches only the layers of the image', async () => {
  const project = newProject();
  await built(newMachine(), project, to(project));
  const { stderr } = await built(newMachine(), project, from(project));
  assert.is(stderr.match(/fetch a layer from/g)?.length, 1, stderr);
});

asRoot('explains a miss by the record of the other machine, and fetches what the step needs', async () => {
  const project = newProject();
  await built(newMachine(), project, to(project));
  writeFileSync(join(project.folder, 'main'), 'two\n');
  const { stderr, cached } = await built(newMachine(), project, from(project));
  assert.match(stderr, /COPY main changed \(1 of 1 file: main\)/);
  assert.is(cached, 2, stderr);
});

asRoot('with mode=min has the steps of the image only', async () => {
  const project = newProject();
  await built(newMachine(), project, `--cache-to=type=local,dest=${project.cache}`);
  const { cached } = await built(newMachine(), project, from(project));
  assert.is(cached, 1);
});

asRoot('can be written again by a machine that has only its records', async () => {
  const project = newProject();
  await built(newMachine(), project, to(project));
  const before = blobsOf(project.cache).length;
  const { stderr } = await built(newMachine(), project, from(project), to(project));
  assert.is(stderr.match(/fetch a layer from/g)?.length, 1, stderr);
  assert.ok(blobsOf(project.cache).length <= before + 2);
  assert.is((await built(newMachine(), project, from(project))).cached, 5);
});

asRoot('that is damaged costs the steps that it damages', async () => {
  const project = newProject();
  await built(newMachine(), project, to(project));
  for (const file of blobsOf(project.cache)) if (isLayer(file)) truncateSync(file, statSync(file).size - 1);
  const second = await built(newMachine(), project, from(project));
  assert.match(second.stderr, /RUN .* compiled/);
});

asRoot('without its layers is used as far as none is read, and then no more', async () => {
  const project = newProject();
  await built(newMachine(), project, to(project));
  for (const file of blobsOf(project.cache)) if (isLayer(file)) rmSync(file);
  const second = await built(newMachine(), project, from(project));
  assert.match(second.stderr, /cannot fetch a layer from folder/);
  assert.match(second.stderr, /RUN .* compiled/);
});

test('that cannot be read or written is a warning', async () => {
  const project = newProject();
  const mkimage = newMachine();
  writeFileSync(join(project.folder, 'Dockerfile'), 'FROM scratch\nCOPY main /\n');
  mkdirSync(project.cache, { recursive: true });
  writeFileSync(join(project.cache, 'index.json'), 'no json');
  const read = await built(mkimage, project, from(project));
  assert.is(read.cached, 0);
  const taken = join(project.folder, 'main', 'cache');
  const written = await built(mkimage, project, `--cache-to=type=local,dest=${taken}`);
  assert.match(written.stderr, /cannot export cache to folder/);
  const strict = await mkimage(['build', `--cache-to=type=local,dest=${taken},ignore-error=false`, project.folder]);
  assert.is(strict.code, 5, strict.stderr);
  const silent = await built(mkimage, project, `--cache-to=type=local,dest=${taken},ignore-error=true`);
  assert.not.match(silent.stderr, /cannot export/);
});

test('--expect-cached fails before a step runs, and says why it would', async () => {
  const project = newProject();
  const mkimage = newMachine();
  writeFileSync(join(project.folder, 'Dockerfile'), 'FROM scratch AS files\nCOPY main /\nCOPY main /again\n');
  const build = (...flags: string[]) => mkimage(['build', '--progress=plain', ...flags, project.folder]);
  const first = await build('--expect-cached');
  assert.is(first.code, 4);
  assert.match(first.stderr, /COPY main \/` in the cache: first build of this step/);
  assert.is((await build()).code, 0);
  assert.is((await build('--expect-cached')).code, 0);
  assert.is((await build('--expect-cached=files')).code, 0);
  writeFileSync(join(project.folder, 'main'), 'two\n');
  assert.match((await build('--expect-cached=COPY main')).stderr, /COPY main changed \(1 of 1 file: main\)/);
  const unknown = await build('--expect-cached=RUN make');
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /no step of this build has this name/);
});

/** Layers are compressed; documents and manifests are JSON. */
function isLayer(file: string): boolean {
  return readFileSync(file).toString('latin1', 0, 1) !== '{';
}

test.run();
