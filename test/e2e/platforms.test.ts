import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, run, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('images for several platforms');
const root = tempDir('platforms');
const mkimage = mkimageIn(join(root, 'store'));
const BOTH = ['--platform', 'linux/arm64,linux/amd64'];
const COPIES = [
  'FROM --platform=$BUILDPLATFORM start AS common',
  'COPY text /common',
  'FROM scratch',
  'ARG TARGETARCH',
  'COPY --from=common / /',
  'COPY $TARGETARCH /machine',
].join('\n');

/** A context with a build file. */
function contextOf(name: string, buildFile: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of ['text', 'amd64', 'arm64', 's390x']) writeFileSync(join(folder, file), `${file}\n`);
  writeFileSync(join(folder, 'Dockerfile'), buildFile);
  return folder;
}

async function build(args: readonly string[]) {
  const built = await mkimage(['build', '--progress', 'plain', ...args]);
  assert.is(built.code, 0, built.stderr);
  return built;
}

const copies = contextOf('copies', COPIES);
const start = contextOf('start', 'FROM scratch\nCOPY text /start\n');

test.before(async () => {
  await build([...BOTH, '-t', 'start', start]);
});

withNeeds(test, { programs: ['skopeo'] })(
  'one build writes an archive from which skopeo takes each platform',
  async () => {
    const [dest, metadata, iid] = ['both.tar', 'metadata.json', 'iid'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    const files = ['--iidfile', iid, '--metadata-file', metadata];
    const built = await build([...BOTH, '-t', 'both:1', '-o', `type=oci,dest=${dest}`, ...files, copies]);
    for (const architecture of ['amd64', 'arm64']) {
      const asked = ['--override-arch', architecture, 'inspect', '--config', `oci-archive:${dest}`];
      assert.is(JSON.parse(await succeed('skopeo', asked)).architecture, architecture);
    }
    const index = JSON.parse(await succeed('skopeo', ['inspect', '--raw', `oci-archive:${dest}`]));
    assert.equal(
      index.manifests.map(({ platform }: { platform: object }) => platform),
      ['amd64', 'arm64'].map((architecture) => ({ architecture, os: 'linux' })),
    );
    const told = JSON.parse(readFileSync(metadata, 'utf8'));
    assert.match(told['containerimage.descriptor'].mediaType, /image\.index/);
    assert.equal(
      [told['containerimage.config.digest'], told['containerimage.descriptor'].platform],
      [undefined, undefined],
    );
    assert.is(readFileSync(iid, 'utf8'), built.stdout.trim());
    assert.match(built.stderr, /\[linux\/amd64 common 2\/2\] COPY text \/common/);
    assert.is(built.stderr.match(/common 2\/2\] COPY/g)!.length, 1);
    for (const name of ['linux/amd64', 'linux/arm64']) {
      assert.match(built.stderr, new RegExp(`\\[${name} stage-1 3/3\\] COPY`), name);
    }
  },
);

test('the same build again is cached and writes the same bytes, in whatever order it is asked', async () => {
  const [one, two] = [join(root, 'first.tar'), join(root, 'second.tar')];
  await build([...BOTH, '-o', `type=oci,dest=${one}`, copies]);
  const flags = ['--platform', 'linux/amd64', '--platform', 'linux/arm64'];
  const { stderr } = await build([...flags, '-o', `type=oci,dest=${two}`, copies]);
  assert.is(stderr.match(/CACHED/g)?.length, 5);
  assert.ok(readFileSync(one).equals(readFileSync(two)));
});

test('root filesystems go into a folder for each platform', async () => {
  const dest = join(root, 'roots');
  await build([...BOTH, '-o', dest, copies]);
  assert.equal(readdirSync(dest, { recursive: true }).sort(), [
    'linux_amd64',
    'linux_amd64/common',
    'linux_amd64/machine',
    'linux_amd64/start',
    'linux_arm64',
    'linux_arm64/common',
    'linux_arm64/machine',
    'linux_arm64/start',
  ]);
  assert.is(readFileSync(join(dest, 'linux_arm64/machine'), 'utf8'), 'arm64\n');
  const tar = join(root, 'roots.tar');
  await build([...BOTH, '-o', `type=tar,dest=${tar}`, copies]);
  assert.match(await succeed('tar', ['-tf', tar]), /^linux_amd64\/$/m);
  const merged = await mkimage([
    'build',
    ...BOTH,
    '-o',
    `type=local,dest=${join(root, 'm')},platform-split=false`,
    copies,
  ]);
  assert.is(merged.code, 2, merged.stderr);
  assert.match(merged.stderr, /is in the images for linux_amd64 and linux_arm64/);
});

test('an index in the store is a base for each platform', async () => {
  await build([...BOTH, '-t', 'both:base', copies]);
  const derived = contextOf('derived', 'FROM both:base\nCOPY text /more\n');
  await build([...BOTH, '-t', 'derived', derived]);
  const dest = join(root, 'derived');
  await build([...BOTH, '-o', dest, derived]);
  assert.is(readFileSync(join(dest, 'linux_amd64/machine'), 'utf8'), 'amd64\n');
  assert.is(readFileSync(join(dest, 'linux_arm64/machine'), 'utf8'), 'arm64\n');
  const missing = await mkimage(['build', '--platform', 'linux/amd64,linux/s390x', derived]);
  assert.is.not(missing.code, 0);
  assert.match(missing.stderr, /no image for linux\/s390x/);
});

test('BUILDKIT_MULTI_PLATFORM makes an index of one platform, and type=docker takes none', async () => {
  const args = ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1', '--platform', 'linux/s390x'];
  const layout = join(root, 'layout');
  await build([...args, '-o', `type=oci,tar=false,dest=${layout}`, start]);
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  assert.match(manifests[0].mediaType, /image\.index/);
  const refused = await run(
    process.execPath,
    ['dist/cli.js', 'build', ...BOTH, '-o', 'type=docker,dest=d.tar', copies],
    {
      env: { MKIMAGE_ROOT: join(root, 'untouched') },
    },
  );
  assert.is(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /`type=docker` cannot contain an image for several platforms/);
});

test('without a request, an index has the platform of the base', async () => {
  await build(['--platform', 'linux/s390x', '-t', 'mainframe', start]);
  const layout = join(root, 'of-base');
  const derived = contextOf('of-base-context', 'FROM mainframe\nCOPY text /more\n');
  await build(['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1', '-o', `type=oci,tar=false,dest=${layout}`, derived]);
  const [entry] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests;
  const index = JSON.parse(readFileSync(join(layout, 'blobs/sha256', entry.digest.slice(7)), 'utf8'));
  assert.equal(index.manifests[0].platform, { architecture: 's390x', os: 'linux' });
});

test.run();
