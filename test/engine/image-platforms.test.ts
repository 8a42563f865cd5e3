import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imageHistory } from '../../src/engine/images/history.ts';
import { listImages } from '../../src/engine/images/images.ts';
import { inspectImages } from '../../src/engine/images/inspect.ts';
import { loadImages } from '../../src/engine/images/load.ts';
import { saveImages } from '../../src/engine/images/save.ts';
import { formatPlatform, MEDIA_TYPE } from '../../src/oci/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { callFrom } from '../support/engine-call.ts';
import { putImage, putIndex } from '../support/images.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('verbs on images for several platforms');
const root = tempDir('image-platforms');
const [AMD64, ARM64, S390X] = ['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture })) as [
  { os: string; architecture: string },
  { os: string; architecture: string },
  { os: string; architecture: string },
];
let count = 0;

type Services = Parameters<typeof saveImages>[0];

async function freshServices(): Promise<Services> {
  const own = join(root, String(count++));
  const store = LayoutStore.open(own);
  const index = putIndex(store, 'multi', [AMD64, ARM64, S390X]);
  await store.tag(['docker.io/library/multi:1'], index);
  await store.tag(['docker.io/library/single:1'], putImage(store, { label: 'single', platform: ARM64 }));
  return { store, config: { root: own, platform: AMD64 } } as unknown as Services;
}

test('inspect and history show the platform that is asked for, else that of the machine', async () => {
  const services = await freshServices();
  const inspect = async (platform?: object) => {
    const [found] = await inspectImages(services, { images: ['multi:1'], platform });
    return found!;
  };
  const [own, other] = [await inspect(), await inspect(ARM64)];
  assert.equal([own.Architecture, other.Architecture], ['amd64', 'arm64']);
  assert.not.equal(own.Id, other.Id);
  assert.equal(own.RepoTags, other.RepoTags);
  const [line] = await imageHistory(services, { image: 'multi:1', platform: ARM64 });
  assert.is(line!.id, other.Id);
  assert.is((await inspect({ architecture: 's390x' })).Architecture, 's390x');
});

test('a platform that an image does not provide is an error with those that it does', async () => {
  const services = await freshServices();
  const riscv = { os: 'linux', architecture: 'riscv64' };
  const error = await rejects(
    inspectImages(services, { images: ['multi:1'], platform: riscv }),
    'not-found',
    /`multi:1` does not provide the platform linux\/riscv64/,
  );
  assert.is(error.hint, 'it provides linux/amd64, linux/arm64, linux/s390x');
  await rejects(inspectImages(services, { images: ['single:1'], platform: AMD64 }), 'not-found', /linux\/amd64/);
  await rejects(
    saveImages(services, { images: ['multi:1'], dest: '/x', platforms: [riscv] }, callFrom({})),
    'not-found',
  );
});

test('a platform whose content is elsewhere is an error that says how to get it', async () => {
  const services = await freshServices();
  const elsewhere = LayoutStore.open(join(root, 'elsewhere'));
  const index = putIndex(elsewhere, 'far', [AMD64, ARM64]);
  services.store.putSmall(MEDIA_TYPE.index, elsewhere.readSmall(index));
  await services.store.tag(['docker.io/library/far:1'], index);
  const error = await rejects(inspectImages(services, { images: ['far:1'], platform: ARM64 }), 'not-found');
  assert.match(error.hint!, /--platform linux\/arm64/);
  const far = (await listImages(services, {})).find(({ repository }) => repository === 'far');
  assert.equal(
    far!.platforms.map(({ platform, size }) => [platform && formatPlatform(platform), size]),
    [
      ['linux/amd64', undefined],
      ['linux/arm64', undefined],
    ],
  );
});

test('images are listed with their platforms', async () => {
  const services = await freshServices();
  const found = await listImages(services, {});
  const multi = found.find(({ repository }) => repository === 'multi')!;
  assert.equal(
    multi.platforms.map(({ platform }) => platform),
    [AMD64, ARM64, S390X],
  );
  assert.ok(multi.platforms.every(({ size }) => size !== undefined && size > 0));
  assert.equal(found.find(({ repository }) => repository === 'single')!.platforms, []);
});

function indexOf(archive: string): readonly { readonly mediaType: string; readonly digest: string }[] {
  return JSON.parse(execFileSync('tar', ['-xOf', archive, 'index.json'], { encoding: 'utf8' })).manifests;
}

test('save writes all platforms, one of them, or an index of some, and load takes some of an archive', async () => {
  const services = await freshServices();
  const save = async (name: string, platforms: readonly object[]) => {
    const dest = join(root, name);
    await saveImages(services, { images: ['multi:1'], dest, platforms }, callFrom({}));
    return dest;
  };
  const [all, one, two] = [
    await save('all.tar', []),
    await save('one.tar', [ARM64]),
    await save('two.tar', [ARM64, S390X, ARM64]),
  ];
  assert.is(indexOf(all)[0]!.digest, services.store.resolve('docker.io/library/multi:1')!.target.digest);
  assert.is(indexOf(one)[0]!.mediaType, MEDIA_TYPE.manifest);
  assert.is(indexOf(two)[0]!.mediaType, MEDIA_TYPE.index);
  const load = async (path: string, platforms: readonly object[]) => {
    const fresh = { ...services, store: LayoutStore.open(join(root, `load-${count++}`)) } as Services;
    const input = { kind: 'path', path } as const;
    await loadImages(fresh, { input, platforms }, callFrom({}));
    const [{ platforms: found, platform } = { platforms: [], platform: undefined }] = await listImages(fresh, {});
    return found.length === 0 ? [platform] : found.map((each) => each.platform);
  };
  assert.equal(await load(one, []), [ARM64]);
  assert.equal(await load(two, []), [ARM64, S390X]);
  assert.equal(await load(all, [S390X]), [S390X]);
  await rejects(load(one, [AMD64]), 'not-found', /linux\/amd64/);
});

test.run();
