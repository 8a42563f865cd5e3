import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JoinRequest } from '../../src/api/index.ts';
import { joinImage } from '../../src/engine/images/join.ts';
import { createPart, parsePartName, partTagOf } from '../../src/engine/images/parts.ts';
import { MkimageError } from '../../src/errors.ts';
import { buildIndex, buildManifest, digestOf, MEDIA_TYPE, type Platform, parseIndex } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { memoryRegistry } from '../fakes/memory-registry.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('joining parts of an image');
const HOST = { os: 'linux', architecture: 'amd64' };
const NAME = { registry: 'memory.test', repository: 'team/app' };
const REQUEST: JoinRequest = { image: 'memory.test/team/app:v1', expect: [], keepsParts: false };

interface Given {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Instead of the one of tag and platform. */
  readonly tag?: string;
  readonly dialect?: 'oci' | 'docker';
}

function linux(architecture: string, variant?: string): Platform {
  return { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) };
}

/** A registry, and machines that push to it. */
function bench() {
  const memory = memoryRegistry('memory.test');
  const { registry } = memory;
  const call = createQuietCall();
  /** The image of one platform, as `build --part` pushes it. */
  const push = async (
    platform: Platform,
    { annotations = {}, tag = partTagOf('v1', platform), dialect = 'oci' }: Given = {},
  ) => {
    const config = Buffer.from(JSON.stringify(platform));
    await memory.putBlob('team/app', config);
    const { descriptor, bytes } = buildManifest({
      dialect,
      config: { digest: digestOf(config), size: config.length },
      layers: [],
    });
    await registry.putManifest(
      { ...NAME, digest: descriptor.digest },
      { mediaType: descriptor.mediaType, bytes },
      call,
    );
    const entry = { ...descriptor, platform };
    const part = createPart(tag, { entry, annotations });
    await registry.putManifest({ ...NAME, tag }, { mediaType: part.descriptor.mediaType, bytes: part.bytes }, call);
    return entry;
  };
  const events: ProgressEvent[] = [];
  const join = (request: Partial<JoinRequest> = {}, services: object = {}) =>
    joinImage(
      { registry, config: { platform: HOST }, ...services },
      { ...REQUEST, ...request },
      { ...call, report: (event) => void events.push(event) },
    );
  const tags = async () => {
    const all: string[] = [];
    for await (const tag of registry.listTags(NAME, call)) all.push(tag);
    return all;
  };
  return { memory, registry, push, join, tags, events, call };
}

test('makes the index that one build for all platforms makes, whatever the order of the parts', async () => {
  const { push, join, registry, call, tags } = bench();
  const [arm, amd] = [await push(linux('arm64')), await push(linux('amd64'))];
  const { descriptor, reference, platforms } = await join();
  const whole = buildIndex({ manifests: [amd, arm] });
  assert.equal(descriptor, whole.descriptor);
  assert.equal((await registry.manifest({ ...NAME, tag: 'v1' }, call)).bytes, whole.bytes);
  assert.equal([reference, platforms], ['memory.test/team/app:v1', [linux('amd64'), linux('arm64')]]);
  assert.equal(await tags(), ['v1']);
});

test('parts stay if asked, and then a join can be repeated', async () => {
  const { push, join, tags } = bench();
  await push(linux('arm64'));
  const first = await join({ keepsParts: true });
  assert.equal(await tags(), ['v1', 'v1.part.linux-arm64']);
  assert.equal(await join(), first);
});

test('only expected platforms are joined, without a list of tags', async () => {
  const { push, join, tags, registry, call } = bench();
  for (const architecture of ['amd64', 'arm64', 's390x']) await push(linux(architecture));
  const noList = () => {
    throw new Error('tags are listed');
  };
  const expect = [linux('arm64'), { architecture: 'amd64' }];
  await join({ expect }, { registry: { ...registry, listTags: noList } });
  const { bytes } = await registry.manifest({ ...NAME, tag: 'v1' }, call);
  assert.equal(
    parseIndex(bytes).manifests.map(({ platform }) => platform),
    [linux('amd64'), linux('arm64')],
  );
  assert.equal(await tags(), ['v1', 'v1.part.linux-s390x']);
});

test('parts of other tags are not touched, also if they have the same image', async () => {
  const { push, join, tags } = bench();
  await push(linux('arm64'));
  await push(linux('arm64'), { tag: 'v10.part.linux-arm64' });
  await join();
  assert.equal(await tags(), ['v1', 'v10.part.linux-arm64']);
});

test('a missing part is an error with the parts that are there', async () => {
  const { push, join, tags } = bench();
  await rejects(join(), 'not-found', /`memory.test\/team\/app:v1`: the registry has no parts$/);
  await push(linux('arm64'));
  const error = await rejects(
    join({ expect: [linux('arm64'), linux('arm', 'v7')] }),
    'not-found',
    /no part for linux\/arm\/v7/,
  );
  assert.match(error.hint!, /there are parts for linux\/arm64/);
  assert.equal(await tags(), ['v1.part.linux-arm64']);
  await join();
  const again = await rejects(join({ expect: [linux('arm64')] }), 'not-found', /no part for linux\/arm64/);
  assert.match(again.hint!, /a join removes its parts/);
});

test('two parts for one platform are an error that names both', async () => {
  const { push, join } = bench();
  await push(linux('arm64'));
  await push(linux('arm64'), { tag: 'v1.part.linux-arm64-v8' });
  await rejects(join(), 'usage', /`v1.part.linux-arm64` and `v1.part.linux-arm64-v8` are both for linux\/arm64/);
});

test('a tag that only looks like a part is refused', async () => {
  const { push, join, registry, call } = bench();
  const entry = await push(linux('arm64'));
  const { bytes, descriptor } = buildIndex({ manifests: [entry] });
  await registry.putManifest({ ...NAME, tag: 'v1.part.x' }, { mediaType: descriptor.mediaType, bytes }, call);
  await rejects(join(), 'invalid-archive', /v1.part.x` is not a part of an image/);
});

test('a part whose image was deleted is an error', async () => {
  const { push, join, registry } = bench();
  await push(linux('arm64'));
  const findManifest: typeof registry.findManifest = async (reference, call) =>
    reference.digest === undefined ? registry.findManifest(reference, call) : undefined;
  await rejects(join({}, { registry: { ...registry, findManifest } }), 'not-found', /is not in the registry any more/);
});

test('annotations of the index come from all parts, and other values of one key are a warning', async () => {
  const { push, join, registry, call, events } = bench();
  await push(linux('amd64'), { annotations: { a: '1', time: 'early' } });
  await push(linux('arm64'), { annotations: { b: '2', time: 'late' } });
  await join();
  const { bytes } = await registry.manifest({ ...NAME, tag: 'v1' }, call);
  assert.equal(parseIndex(bytes).annotations, { a: '1', b: '2', time: 'early' });
  assert.match(JSON.stringify(events), /annotation `time` of linux\/arm64 is ignored/);
});

test("parts in Docker's words make a list in Docker's words", async () => {
  const { push, join } = bench();
  for (const architecture of ['amd64', 'arm64']) await push(linux(architecture), { dialect: 'docker' });
  assert.is((await join({ keepsParts: true })).descriptor.mediaType, MEDIA_TYPE.dockerManifestList);
  await push(linux('arm64'));
  assert.is((await join()).descriptor.mediaType, MEDIA_TYPE.index);
});

test('a registry that deletes nothing keeps the parts, and the join is done', async () => {
  const { push, join, registry, events, tags } = bench();
  await push(linux('arm64'));
  const deleteManifest = async () => {
    throw new MkimageError('unsupported', 'delete: the registry does not allow it');
  };
  await join({}, { registry: { ...registry, deleteManifest } });
  assert.equal(await tags(), ['v1', 'v1.part.linux-arm64']);
  assert.match(JSON.stringify(events), /parts are left in the registry: delete: the registry does not allow it/);
});

test('tags of parts tell tag and platform, and fit', async () => {
  assert.is(partTagOf('v1', linux('arm64', 'v8')), 'v1.part.linux-arm64');
  assert.is(partTagOf('latest', linux('arm', 'v7')), 'latest.part.linux-arm-v7');
  await rejects((async () => partTagOf('x'.repeat(115), linux('arm64')))(), 'usage', /too long/);
  assert.equal(parsePartName('memory.test/team/app'), { ...NAME, tag: 'latest' });
  await rejects((async () => parsePartName(`memory.test/a@sha256:${'0'.repeat(64)}`))(), 'usage', /has a digest/);
});

test.run();
