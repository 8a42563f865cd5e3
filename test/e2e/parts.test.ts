import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('one image from many machines');
const root = tempDir('parts');
const [one, other] = ['one', 'other'].map((name) => mkimageIn(join(root, name))) as [
  ReturnType<typeof mkimageIn>,
  ReturnType<typeof mkimageIn>,
];
const folder = join(root, 'context');
mkdirSync(folder);
for (const name of ['amd64', 'arm64']) writeFileSync(join(folder, name), `${name}\n`.repeat(5_000));
writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /machine\n');
const FIXED = ['--build-arg', 'SOURCE_DATE_EPOCH=1700000000', '--annotation', 'index,manifest:by=test'];

async function build(mkimage: typeof one, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await mkimage(['build', '--progress=plain', ...FIXED, ...args, folder]);
  assert.is(code, 0, stderr);
  return stdout.trim();
}

withNeeds(test, { programs: [REGISTRY_PROGRAM, 'skopeo'] })(
  'parts of two stores are joined to the index of one build, and skopeo pulls each platform',
  async () => {
    await using registry = await startRegistry();
    const name = `${registry.host}/team/app:v1`;
    const early = await one(['join', '--expect', 'linux/amd64,linux/arm64', name]);
    assert.is(early.code, 1, early.stderr);
    assert.match(early.stderr, /no part for linux\/amd64, linux\/arm64/);
    await build(one, ['--platform', 'linux/arm64', '--push', '--part', '-t', name]);
    const half = await one(['join', '--expect', 'linux/amd64,linux/arm64', name]);
    assert.match(half.stderr, /no part for linux\/amd64\nhint: .*there are parts for linux\/arm64/);
    await build(other, ['--platform', 'linux/amd64', '--push', '--part', '-t', name]);
    const joined = await one(['join', '--expect', 'linux/amd64,linux/arm64', name]);
    assert.is(joined.code, 0, joined.stderr);

    const whole = join(root, 'whole.tar');
    await build(other, ['--platform', 'linux/amd64,linux/arm64', '-o', `type=oci,dest=${whole}`]);
    const raw = (source: string) => succeed('skopeo', ['inspect', '--tls-verify=false', '--raw', source]);
    const index = await raw(`docker://${name}`);
    assert.is(index, await raw(`oci-archive:${whole}`));
    assert.equal(JSON.parse(index).annotations, { by: 'test' });
    for (const architecture of ['amd64', 'arm64']) {
      const copy = ['--override-arch', architecture, 'copy', '--src-tls-verify=false', '--insecure-policy'];
      await succeed('skopeo', [...copy, `docker://${name}`, `dir:${join(root, architecture)}`]);
    }
    const config = ['--override-arch', 'arm64', 'inspect', '--tls-verify=false', '--config', `docker://${name}`];
    assert.is(JSON.parse(await succeed('skopeo', config)).architecture, 'arm64');
  },
);

test('a part is only pushed, and only with a name', async () => {
  const alone = await one(['build', '--part', '-t', 'app', folder]);
  assert.is(alone.code, 2, alone.stderr);
  assert.match(alone.stderr, /`--part` needs `--push`/);
  const nameless = await one(['build', '--push', '--part', folder]);
  assert.is(nameless.code, 2, nameless.stderr);
  assert.match(nameless.stderr, /push part: the image has no name/);
});

test.run();
