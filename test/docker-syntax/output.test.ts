import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAnnotation } from '../../src/docker-syntax/outputs/annotation.ts';
import { parseOutput } from '../../src/docker-syntax/outputs/output.ts';
import { isMkimageError, type MkimageError } from '../../src/errors.ts';

const test = suite('output specs');

const plain = { compression: undefined, level: undefined, force: false, ociTypes: true, names: [], annotations: [] };

const push = { byDigest: false, canonical: false, insecure: false };

const readable: readonly (readonly [string, unknown])[] = [
  ['out', { type: 'local', dest: 'out', mode: 'copy' }],
  ['-', { type: 'tar', dest: '-' }],
  ['type=oci,dest=app.tar', { type: 'oci', dest: 'app.tar', tar: true, image: plain }],
  ['type=oci', { type: 'oci', dest: '-', tar: true, image: plain }],
  ['TYPE=oci,Dest=a,tar=false', { type: 'oci', dest: 'a', tar: false, image: plain }],
  ['type=oci,dest=a,tar=', { type: 'oci', dest: 'a', tar: true, image: plain }],
  ['type=docker,dest=-', { type: 'docker', dest: '-', tar: true, image: plain }],
  ['type=tar,dest=root.tar', { type: 'tar', dest: 'root.tar' }],
  ['type=local,dest=root', { type: 'local', dest: 'root', mode: 'copy' }],
  [
    'type=local,dest=root,mode=delete,platform-split=false',
    { type: 'local', dest: 'root', mode: 'delete', split: false },
  ],
  ['type=image', { type: 'image', image: plain }],
  ['type=image,push=false,store=true', { type: 'image', image: plain }],
  ['type=cacheonly', { type: 'cacheonly' }],
  ['type=image,push=true', { type: 'image', image: plain, push }],
  ['type=registry', { type: 'image', image: plain, push }],
  ['type=registry,push=false', { type: 'image', image: plain }],
  [
    'type=registry,name=r.test:5000/a,push-by-digest=true,name-canonical=true,registry.insecure=true',
    {
      type: 'image',
      image: { ...plain, names: ['r.test:5000/a:latest'] },
      push: { byDigest: true, canonical: true, insecure: true },
    },
  ],
  ['type=docker', { type: 'image', image: plain }],
  ['type=docker,dest=,name=app', { type: 'image', image: { ...plain, names: ['docker.io/library/app:latest'] } }],
  ['type=docker,dest=d,tar=false', { type: 'docker', dest: 'd', tar: false, image: plain }],
  ['type=local,dest=out,src=/app/reports', { type: 'local', dest: 'out', mode: 'copy', source: '/app/reports' }],
  ['type=tar,src=app', { type: 'tar', dest: '-', source: 'app' }],
  ['type=oci,dest=a,rewrite-timestamp=true', { type: 'oci', dest: 'a', tar: true, image: plain }],
  [
    'type=oci,dest=a,rewrite-timestamp=true,source-date-epoch=1700000000',
    { type: 'oci', dest: 'a', tar: true, image: plain, epoch: 1700000000 },
  ],
  ['type=local,dest=a,source-date-epoch=0', { type: 'local', dest: 'a', mode: 'copy', epoch: 0 }],
  ['type=tar,dest=a,source-date-epoch=,rewrite-timestamp=', { type: 'tar', dest: 'a' }],
  ['"type=oci","dest=a,b.tar"', { type: 'oci', dest: 'a,b.tar', tar: true, image: plain }],
  ['type=oci,"dest=a ""b"".tar"', { type: 'oci', dest: 'a "b".tar', tar: true, image: plain }],
  ['type=tar,dest=a=b', { type: 'tar', dest: 'a=b' }],
  [
    'type=oci,dest=a,compression=zstd,compression-level=19,force-compression=1',
    { type: 'oci', dest: 'a', tar: true, image: { ...plain, compression: 'zstd', level: 19, force: true } },
  ],
  [
    'type=docker,dest=a,oci-mediatypes=F,compression=uncompressed',
    { type: 'docker', dest: 'a', tar: true, image: { ...plain, ociTypes: false, compression: 'uncompressed' } },
  ],
  [
    'type=oci,dest=a,"name=app,example.com/app:v2"',
    {
      type: 'oci',
      dest: 'a',
      tar: true,
      image: { ...plain, names: ['docker.io/library/app:latest', 'example.com/app:v2'] },
    },
  ],
  [
    'type=oci,dest=a,annotation.org.Example=x,annotation-manifest-descriptor.k=y',
    {
      type: 'oci',
      dest: 'a',
      tar: true,
      image: {
        ...plain,
        annotations: [
          { place: 'manifest', key: 'org.Example', value: 'x' },
          { place: 'manifest-descriptor', key: 'k', value: 'y' },
        ],
      },
    },
  ],
  [
    'type=image,annotation[linux/arm64].k=x,annotation-index.k=y,annotation-index-descriptor[linux/amd64].k=z',
    {
      type: 'image',
      image: {
        ...plain,
        annotations: [
          { place: 'manifest', platform: { os: 'linux', architecture: 'arm64' }, key: 'k', value: 'x' },
          { place: 'index', key: 'k', value: 'y' },
          { place: 'index-descriptor', platform: { os: 'linux', architecture: 'amd64' }, key: 'k', value: 'z' },
        ],
      },
    },
  ],
];

for (const [text, expected] of readable) {
  test(`reads \`${text}\``, () => assert.equal(parseOutput(text), expected));
}

const refused: readonly (readonly [string, string, RegExp, RegExp?])[] = [
  ['', 'usage', /not of the form key=value/],
  ['type=oic,dest=a', 'usage', /unknown type `oic`/, /oci, docker, tar, local, image, registry, cacheonly/],
  ['dest=a', 'usage', /no type is given/],
  ['type=oci,dest=a,dst=b', 'usage', /unknown option `dst`/, /dest, tar, compression/],
  [
    'type=tar,dest=a,compression=gzip',
    'usage',
    /unknown option `compression`/,
    /options are dest, src, platform-split$/,
  ],
  ['type=oci,dest=a,src=/x', 'usage', /unknown option `src`/],
  ['type=image,dest=a', 'usage', /unknown option `dest`/],
  ['type=local,dest=a,src=', 'usage', /`src` is empty/, /omit `src`/],
  ['type=oci,dest=a,rewrite-timestamp=perhaps', 'usage', /neither true nor false/],
  ['type=oci,dest=a,source-date-epoch=yesterday', 'usage', /invalid time/, /seconds/],
  ['type=oci,dest=a,source-date-epoch=1700000000000', 'usage', /invalid time/],
  [
    'type=docker,context=desktop',
    'unsupported',
    /loading an image into an engine is not supported/,
    /docker --context NAME load/,
  ],
  ['type=oci,dest=a,tar=maybe', 'usage', /neither true nor false/],
  ['type=oci,tar=false', 'usage', /`dest` is required/, /directory/],
  ['type=oci,dest=-,tar=0', 'usage', /`dest` is required/],
  ['type=local', 'usage', /`dest` is required/],
  ['type=local,dest=-', 'usage', /`dest` is required/],
  ['type=local,dest=a,mode=move', 'usage', /unknown mode `move`/, /copy and delete/],
  ['type=docker,tar=false', 'usage', /`dest` is required/],
  ['type=oci,dest=a,compression=lzma', 'usage', /unknown compression `lzma`/, /gzip, zstd, uncompressed/],
  ['type=oci,dest=a,compression-level=10', 'usage', /invalid level/, /0 to 9/],
  ['type=oci,dest=a,compression=zstd,compression-level=23', 'usage', /invalid level/, /0 to 22/],
  ['type=oci,dest=a,compression-level=-1', 'usage', /invalid level/],
  ['type=oci,dest=a,compression=zstd,oci-mediatypes=false', 'usage', /needs oci-mediatypes=true/],
  ['type=oci,dest=a,annotation.k=v,oci-mediatypes=false', 'usage', /need oci-mediatypes=true/],
  ['type=oci,dest="a', 'usage', /a quote inside/],
  ['type=oci,"dest=a', 'usage', /not closed/],
  ['type=oci,dest=a,name=UPPER', 'invalid-reference', /lower case/],
  ['type=oci,dest=a,compression=estargz', 'unsupported', /estargz/],
  ['type=oci,dest=a,annotation-indices.k=v', 'usage', /annotation/],
  ['type=image,name=a:1,push-by-digest=true,push=true', 'usage', /can't push tagged ref a:1 by digest/],
  ['type=registry,push=perhaps', 'usage', /neither true nor false/],
  ['type=registry,dest=a', 'usage', /unknown option `dest`/],
];

for (const [text, code, message, hint] of refused) {
  test(`refuses \`${text}\``, () => {
    const error = thrownBy(() => parseOutput(text));
    assert.is(error.code, code);
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
  });
}

test('reads annotations of the command line', () => {
  assert.equal(parseAnnotation('a.b=c=d'), [{ place: 'manifest', key: 'a.b', value: 'c=d' }]);
  assert.equal(parseAnnotation('manifest,manifest-descriptor:k=v'), [
    { place: 'manifest', key: 'k', value: 'v' },
    { place: 'manifest-descriptor', key: 'k', value: 'v' },
  ]);
  const platform = { os: 'linux', architecture: 'amd64' };
  assert.equal(parseAnnotation('manifest[linux/amd64]:k=v'), [{ place: 'manifest', platform, key: 'k', value: 'v' }]);
  assert.equal(parseAnnotation('k=urn:v'), [{ place: 'manifest', key: 'k', value: 'urn:v' }]);
  assert.match(thrownBy(() => parseAnnotation('manifets:k=v')).message, /unknown place `manifets`$/);
  assert.is(thrownBy(() => parseAnnotation('manifest[linux/amd64:k=v')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('k')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('manifest:=v')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('manifest,:k=v')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('index[no platform]:k=v')).code, 'usage');
  assert.equal(parseAnnotation('index,index-descriptor[linux/amd64]:k=v'), [
    { place: 'index', key: 'k', value: 'v' },
    { place: 'index-descriptor', platform, key: 'k', value: 'v' },
  ]);
});

function thrownBy(work: () => unknown): MkimageError {
  try {
    work();
  } catch (error) {
    if (isMkimageError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test.run();
