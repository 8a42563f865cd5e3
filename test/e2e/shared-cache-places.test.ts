import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS_TOKEN, startActionsServer } from '../support/actions-server.ts';
import { startBucketServer } from '../support/bucket-server.ts';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('places where machines share a cache');
const root = tempDir('cache-places');
const context = join(root, 'context');
mkdirSync(context);
writeFileSync(join(context, 'main'), 'x');
writeFileSync(
  join(context, 'Dockerfile'),
  'FROM scratch AS a\nCOPY main /one\nCOPY main /two\nFROM scratch\nCOPY --from=a /two /app\n',
);

let machines = 0;
/** Builds with a store of its own. */
async function build(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const mkimage = mkimageIn(join(root, `machine-${++machines}`), { env });
  const { code, stdout, stderr } = await mkimage(['build', '--progress=plain', '-t', 'app', ...flags, context]);
  assert.is(code, 0, stderr);
  const count = (pattern: RegExp) => stderr.match(pattern)?.length ?? 0;
  return { stdout, stderr, cached: count(/ CACHED$/gm), fetched: count(/fetch a layer from/g) };
}

async function shares(place: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const first = await build([`--cache-to=${place},mode=max`], env);
  const second = await build([`--cache-from=${place}`], env);
  assert.equal([second.cached, second.fetched, second.stdout], [3, 1, first.stdout], second.stderr);
}

withNeeds(test, { programs: [REGISTRY_PROGRAM] })('a registry gives another machine every step', async () => {
  await using registry = await startRegistry();
  await shares(`type=registry,ref=${registry.host}/app:cache`);
});

withNeeds(test, { programs: [REGISTRY_PROGRAM, 'skopeo'] })('an image has the cache of its own steps', async () => {
  await using registry = await startRegistry();
  const archive = join(root, 'app.tar');
  await build(['--cache-to=type=inline', '-o', `type=oci,dest=${archive}`]);
  const target = `docker://${registry.host}/app:latest`;
  await succeed('skopeo', ['copy', '--dest-tls-verify=false', `oci-archive:${archive}`, target]);
  assert.is((await build([`--cache-from=${registry.host}/app`])).cached, 1);
});

test('a bucket gives another machine every step', async () => {
  await using bucket = await startBucketServer();
  await shares(`type=s3,bucket=${bucket.bucket},endpoint_url=${bucket.endpoint},use_path_style=true`, bucket.env);
});

test('the cache service of GitHub Actions gives another machine every step', async () => {
  await using service = await startActionsServer();
  const env = { ACTIONS_RUNTIME_TOKEN: ACTIONS_TOKEN, ACTIONS_RESULTS_URL: service.url, ACTIONS_CACHE_SERVICE_V2: '1' };
  await shares('type=gha', env);
});

test('a place that is gone or busy is a warning, and the image is built', async () => {
  await using service = await startActionsServer();
  const env = { ACTIONS_RUNTIME_TOKEN: ACTIONS_TOKEN, ACTIONS_RESULTS_URL: service.url, ACTIONS_CACHE_SERVICE_V2: '1' };
  service.failWith = 429;
  const busy = await build(['--cache-from=type=gha', '--cache-to=type=gha'], env);
  assert.match(busy.stderr, /cache from GitHub Actions.* is not used: .*status 429/);
  assert.match(busy.stderr, /cannot export cache to gha: .*status 429/);
  const gone = 'type=s3,bucket=b,region=r,endpoint_url=http://127.0.0.1:1,use_path_style=true';
  assert.match((await build([`--cache-from=${gone}`])).stderr, /cache from bucket `b` is not used/);
});

test.run();
