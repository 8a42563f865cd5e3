import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError, type MkimageError } from '../../src/errors.ts';
import { parseAnnotation } from '../../src/exporter/annotation.ts';
import { splitCsv } from '../../src/exporter/csv.ts';
import { parseOutput } from '../../src/exporter/output-spec.ts';

const test = suite('output specs');

const plain = { compression: undefined, level: undefined, force: false, ociTypes: true, names: [], annotations: [] };

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
  ['type=local,dest=root,mode=delete,platform-split=false', { type: 'local', dest: 'root', mode: 'delete' }],
  ['type=image', { type: 'image', image: plain }],
  ['type=image,push=false,store=true', { type: 'image', image: plain }],
  ['type=cacheonly', { type: 'cacheonly' }],
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
];

for (const [text, expected] of readable) {
  test(`reads \`${text}\``, () => assert.equal(parseOutput(text), expected));
}

const refused: readonly (readonly [string, string, RegExp, RegExp?])[] = [
  ['', 'usage', /not of the form key=value/],
  ['type=oic,dest=a', 'usage', /no type `oic`/, /oci, docker, tar, local, image, cacheonly/],
  ['dest=a', 'usage', /names no type/],
  ['type=oci,dest=a,dst=b', 'usage', /no option `dst`/, /dest, tar, compression/],
  ['type=tar,dest=a,compression=gzip', 'usage', /no option `compression`/, /options are dest$/],
  ['type=oci,dest=a,tar=maybe', 'usage', /neither true nor false/],
  ['type=oci,tar=false', 'usage', /needs `dest`/, /directory/],
  ['type=oci,dest=-,tar=0', 'usage', /needs `dest`/],
  ['type=local', 'usage', /needs `dest`/],
  ['type=local,dest=-', 'usage', /needs `dest`/],
  ['type=local,dest=a,mode=move', 'usage', /no mode `move`/, /copy and delete/],
  ['type=docker', 'usage', /needs `dest`/],
  ['type=oci,dest=a,compression=lzma', 'usage', /no `lzma`/, /gzip, zstd, uncompressed/],
  ['type=oci,dest=a,compression-level=10', 'usage', /no level/, /0 to 9/],
  ['type=oci,dest=a,compression=zstd,compression-level=23', 'usage', /no level/, /0 to 22/],
  ['type=oci,dest=a,compression-level=-1', 'usage', /no level/],
  ['type=oci,dest=a,compression=zstd,oci-mediatypes=false', 'usage', /needs oci-mediatypes=true/],
  ['type=oci,dest=a,annotation.k=v,oci-mediatypes=false', 'usage', /need oci-mediatypes=true/],
  ['type=oci,dest="a', 'usage', /a quote inside/],
  ['type=oci,"dest=a', 'usage', /not closed/],
  ['type=oci,dest=a,name=UPPER', 'invalid-reference', /lower case/],
  ['type=oci,dest=a,compression=estargz', 'unsupported', /estargz/],
  ['type=oci,dest=a,rewrite-timestamp=true', 'unsupported', /rewrite-timestamp/],
  ['type=oci,dest=a,annotation-index.k=v', 'unsupported', /no index/],
  ['type=image,push=true', 'unsupported', /not pushed/],
  ['type=registry,name=a', 'unsupported', /not pushed/],
];

for (const [text, code, message, hint] of refused) {
  test(`refuses \`${text}\``, () => {
    const error = thrownBy(() => parseOutput(text));
    assert.is(error.code, code);
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
  });
}

test('splits values as CSV does', () => {
  assert.equal(splitCsv('a,,"b,""c""",'), ['a', '', 'b,"c"', '']);
});

test('reads annotations of the command line', () => {
  assert.equal(parseAnnotation('a.b=c=d'), [{ place: 'manifest', key: 'a.b', value: 'c=d' }]);
  assert.equal(parseAnnotation('manifest,manifest-descriptor:k=v'), [
    { place: 'manifest', key: 'k', value: 'v' },
    { place: 'manifest-descriptor', key: 'k', value: 'v' },
  ]);
  const platform = { os: 'linux', architecture: 'amd64' };
  assert.equal(parseAnnotation('manifest[linux/amd64]:k=v'), [{ place: 'manifest', platform, key: 'k', value: 'v' }]);
  assert.equal(parseAnnotation('k=urn:v'), [{ place: 'manifest', key: 'k', value: 'urn:v' }]);
  assert.match(thrownBy(() => parseAnnotation('manifets:k=v')).message, /there is no place `manifets` for it$/);
  assert.is(thrownBy(() => parseAnnotation('manifest[linux/amd64:k=v')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('k')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('manifest:=v')).code, 'usage');
  assert.is(thrownBy(() => parseAnnotation('index:k=v')).code, 'unsupported');
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
