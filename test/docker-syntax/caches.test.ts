import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCacheFrom, parseCacheTo } from '../../src/docker-syntax/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('--cache-from and --cache-to');
const registry = (ref: string) => ({ type: 'registry', ref, insecure: false });

test('a name is a cache in a registry', () => {
  assert.equal(parseCacheFrom('app').location, registry('docker.io/library/app:latest'));
  assert.equal(parseCacheTo('example.com/app:cache').location, registry('example.com/app:cache'));
  assert.equal(parseCacheFrom('type=registry,ref=example.com/app:cache').location, registry('example.com/app:cache'));
});

test('a folder is `src` for reading and `dest` for writing', () => {
  assert.equal(parseCacheFrom('type=local,src=a,tag=v1').location, { type: 'local', directory: 'a', tag: 'v1' });
  assert.equal(parseCacheTo('type=local,dest=b').location, { type: 'local', directory: 'b', tag: 'latest' });
});

test('a target has the options of BuildKit', () => {
  const target = parseCacheTo(
    'type=inline,mode=max,compression=zstd,compression-level=22,ignore-error=true,image-manifest=true,timeout=1m30s',
  );
  assert.equal(target, {
    location: { type: 'inline' },
    mode: 'max',
    compression: 'zstd',
    level: 19,
    ociTypes: true,
    ignoreError: true,
    mounts: [],
    mountsSize: undefined,
    timeoutMs: 90_000,
  });
  assert.is(parseCacheTo('app').mode, 'min');
  assert.is(parseCacheTo('app').ignoreError, undefined);
});

test('cache mounts are all, or those with the ids, up to a size', async () => {
  const mountsOf = (text: string) => parseCacheTo(`type=local,dest=a,${text}`);
  assert.is(mountsOf('mounts=all').mounts, 'all');
  assert.equal(mountsOf('mounts=npm;/root/.cache').mounts, ['npm', '/root/.cache']);
  assert.equal(mountsOf('"mounts=npm,apt"').mounts, ['npm', 'apt']);
  assert.is(mountsOf('mounts=all,mounts-size=2GB').mountsSize, 2 * 1024 ** 3);
  await refuses('usage', () => mountsOf('mounts-size=much'), /invalid value for `mounts-size`/);
  await refuses('usage', () => parseCacheTo('type=inline,mounts=all'), /an inline cache has no cache mounts/);
});

test('the service of GitHub Actions has a scope and may be told where it is', () => {
  assert.equal(parseCacheFrom('type=gha,scope=app,version=2,token=t,url_v2=https://results.example/').location, {
    type: 'gha',
    url: undefined,
    urlV2: 'https://results.example/',
    token: 't',
    version: 2,
    scope: 'app',
  });
});

test('a bucket has prefixes, names and credentials', () => {
  const text =
    'type=s3,bucket=b,region=r,prefix=p/,name=one;two,endpoint_url=http://127.0.0.1:9000,use_path_style=true,access_key_id=k,secret_access_key=s';
  assert.equal(parseCacheTo(text).location, {
    type: 's3',
    bucket: 'b',
    region: 'r',
    endpoint: 'http://127.0.0.1:9000',
    usePathStyle: true,
    blobsPrefix: 'p/blobs/',
    manifestsPrefix: 'p/manifests/',
    names: ['one', 'two'],
    credentials: { accessKeyId: 'k', secretAccessKey: 's', sessionToken: undefined },
  });
});

test('an error does not show the value of a secret', async () => {
  const error = await refuses('usage', () => parseCacheTo('type=s3,secret_access_key=hidden'));
  assert.not.match(error.message, /hidden/);
});

const REFUSED: readonly (readonly [parse: (text: string) => unknown, text: string, message: RegExp])[] = [
  [parseCacheTo, 'type=azblob,name=x', /invalid value for `type`: `azblob`/],
  [parseCacheTo, 'ref=example.com/app', /`type` is missing/],
  [parseCacheTo, 'type=registry', /`ref` is missing/],
  [parseCacheTo, 'type=registry,ref=UPPER', /not a name of an image/],
  [parseCacheTo, 'type=local,src=x', /`dest` is missing/],
  [parseCacheFrom, 'type=local,dest=x', /`src` is missing/],
  [parseCacheFrom, 'type=local,src=x,digest=y', /`y` is not a digest/],
  [parseCacheFrom, 'type=inline', /read from an image/],
  [parseCacheFrom, 'type=registry,ref=app,mode=max', /no option `mode`/],
  [parseCacheTo, 'type=registry,ref=app,mode=all', /invalid value for `mode`: `all`/],
  [parseCacheTo, 'type=registry,ref=app,compression=estargz', /estargz/],
  [parseCacheTo, 'type=registry,ref=app,compression-level=10', /invalid value for `compression-level`/],
  [parseCacheTo, 'type=registry,ref=app,image-manifest=true,oci-mediatypes=false', /needs oci-mediatypes=true/],
  [parseCacheTo, 'type=registry,ref=app,ignore-error=maybe', /invalid value for `ignore-error`/],
  [parseCacheTo, 'type=gha,timeout=soon', /invalid value for `timeout`/],
  [parseCacheTo, 'type=gha,url=ftp://x', /not an http or https URL/],
  [parseCacheTo, 'type=s3,access_key_id=k', /belong together/],
  [parseCacheTo, 'type=gha,max', /not of the form key=value/],
];

for (const [parse, text, message] of REFUSED)
  test(`refuses ${text}`, async () => void (await refuses('usage', () => parse(text), message)));

test.run();
