/** What a build that only pushes fetches and uploads of its base. Counted by a server in front of a real registry. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { type RegistryFront, startRegistryFront } from '../support/registry-front.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('bases of images that are pushed');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'skopeo'] });
const root = tempDir('pushed-bases');
const MiB = 1024 * 1024;
let count = 0;

type Machine = ReturnType<typeof mkimageIn>;
const newMachine = (): Machine => mkimageIn(join(root, `store-${++count}`));

function newContext(buildFile: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = join(root, `context-${++count}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries({ file: `file ${count}`, ...files }))
    writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'Dockerfile'), buildFile);
  return folder;
}

async function done(mkimage: Machine, ...args: readonly string[]): Promise<string> {
  const result = await mkimage(args);
  assert.is(result.code, 0, result.stderr);
  return result.stderr;
}

/** A registry with the image `base:1` of two layers of 1 MiB. */
async function startBase(): Promise<RegistryFront> {
  const registry = await startRegistry();
  const front = await startRegistryFront(registry.host);
  const noise = (seed: number) =>
    Buffer.from(Uint32Array.from({ length: MiB / 4 }, (_, at) => (at * seed) ^ (at << 7)).buffer);
  const files = { one: noise(2654435761), two: noise(2246822519) };
  const text = 'FROM scratch\nCOPY one /app/one\nCOPY two /app/two\n';
  await done(newMachine(), 'build', '-q', '--push', '-t', `${front.host}/base:1`, newContext(text, files));
  front.seen.length = 0;
  const stop = front[Symbol.asyncDispose];
  const stopAll = async () => {
    await stop();
    await registry[Symbol.asyncDispose]();
  };
  return Object.assign(front, { [Symbol.asyncDispose]: stopAll });
}

const sentTo = ({ seen }: RegistryFront) => seen.reduce((sum, { sent }) => sum + sent, 0);
const layersOf = async (name: string): Promise<readonly string[]> =>
  JSON.parse(await succeed('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`])).Layers;
/** GET of a layer of the base. */
const baseReads = async (front: RegistryFront) => {
  const reads = front.blobReads().map(({ path }) => path);
  const layers = await layersOf(`${front.host}/base:1`);
  return reads.filter((path) => layers.some((digest) => path.endsWith(digest)));
};

withRegistry(
  'COPY --link on a base that this machine has never had fetches no layer of it and uploads none',
  async () => {
    await using front = await startBase();
    const text = `FROM ${front.host}/base:1\nCOPY --link --chown=1:2 file /own\nENV A=b\n`;
    await done(newMachine(), 'build', '-q', '--push', '-t', `${front.host}/base:2`, newContext(text));
    const sent = sentTo(front);
    assert.equal(await baseReads(front), []);
    assert.ok(sent < MiB / 8, `${sent} bytes were sent`);
    const [first, second, third] = await layersOf(`${front.host}/base:2`);
    assert.equal([first, second], await layersOf(`${front.host}/base:1`));
    assert.ok(third !== undefined);
  },
);

withRegistry('in another repository of the registry the layers are mounted', async () => {
  await using front = await startBase();
  const text = `FROM ${front.host}/base:1\nCOPY --link file /own\n`;
  await done(newMachine(), 'build', '-q', '--push', '-t', `${front.host}/team/app:1`, newContext(text));
  assert.is(front.seen.filter(({ path, status }) => path.includes('mount=') && status === 201).length, 2);
  assert.equal(await baseReads(front), []);
  assert.ok(sentTo(front) < MiB / 8);
  await succeed('skopeo', [
    'copy',
    '--src-tls-verify=false',
    `docker://${front.host}/team/app:1`,
    `dir:${join(root, 'mounted')}`,
  ]);
});

withRegistry(
  'COPY needs the listing of the base: its layers are read once, and never again on this machine',
  async () => {
    await using front = await startBase();
    const mkimage = newMachine();
    const text = `FROM ${front.host}/base:1\nCOPY file /app/\nWORKDIR /app\n`;
    await done(mkimage, 'build', '-q', '--push', '-t', `${front.host}/base:2`, newContext(text));
    assert.is((await baseReads(front)).length, 2);
    front.seen.length = 0;
    await done(mkimage, 'build', '-q', '--push', '-t', `${front.host}/base:3`, newContext(text));
    assert.equal(await baseReads(front), []);
    assert.ok(sentTo(front) < MiB / 8);
  },
);

withRegistry('a push to another registry passes the layers on, verified', async () => {
  await using front = await startBase();
  await using other = await startRegistry();
  const text = `FROM ${front.host}/base:1\nCOPY --link file /own\n`;
  await done(newMachine(), 'build', '-q', '--push', '-t', `${other.host}/app:1`, newContext(text));
  assert.is((await layersOf(`${other.host}/app:1`)).length, 3);
  await succeed('skopeo', [
    'copy',
    '--src-tls-verify=false',
    `docker://${other.host}/app:1`,
    `dir:${join(root, 'passed')}`,
  ]);
});

withRegistry('files of a base are read when COPY --from takes them, and the local image can be completed', async () => {
  await using front = await startBase();
  const mkimage = newMachine();
  const text = `FROM ${front.host}/base:1 AS base\nFROM scratch\nCOPY --from=base /app/one /one\n`;
  await done(mkimage, 'build', '-q', '--push', '-t', `${front.host}/part:1`, newContext(text));
  const linked = `FROM ${front.host}/base:1\nCOPY --link file /own\n`;
  const other = newMachine();
  await done(other, 'build', '-q', '--push', '-t', `${front.host}/base:2`, newContext(linked));
  const archive = join(root, 'saved.tar');
  const early = await other(['save', '-o', archive, `${front.host}/base:2`]);
  assert.match(early.stderr, /is not in the store\nhint: pull the image/);
  await done(other, 'pull', '-q', `${front.host}/base:2`);
  await done(other, 'save', '-o', archive, `${front.host}/base:2`);
});

withRegistry('an image that is also kept or written has all its layers here', async () => {
  await using front = await startBase();
  const mkimage = newMachine();
  const text = `FROM ${front.host}/base:1\nCOPY --link file /own\n`;
  const output = ['-o', 'type=registry', '-o', `type=oci,dest=${join(root, 'both.tar')}`];
  await done(mkimage, 'build', '-q', ...output, '-t', `${front.host}/base:2`, newContext(text));
  assert.is((await baseReads(front)).length, 2);
  await done(mkimage, 'save', '-o', join(root, 'kept.tar'), `${front.host}/base:2`);
});

withNeeds(test, { programs: [REGISTRY_PROGRAM, 'skopeo'], root: true })(
  'RUN reads the layers of its base',
  async () => {
    await using front = await startBase();
    const text = `FROM ${front.host}/base:1\nRUN ["/app/none"]\n`;
    const failed = await newMachine()(['build', '--push', '-t', `${front.host}/base:2`, newContext(text)]);
    assert.match(failed.stderr, /\/app\/none/);
    assert.is((await baseReads(front)).length, 2);
  },
);

test.run();
