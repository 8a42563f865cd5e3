import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FolderStorage } from '../../../src/cache/shared/folder.ts';
import { digestOf, encodedOf, MEDIA_TYPE } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { sharedCacheContract } from '../../contract/shared-cache.ts';
import { memoryPlace } from '../../fakes/memory-shared-cache.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const root = tempDir('shared-folder');
let folders = 0;
const newFolder = () => join(root, `cache-${++folders}`);
const call = createQuietCall();
const document = Buffer.from('{"version":1}');

sharedCacheContract('folder', async () => {
  const directory = newFolder();
  return () => new FolderStorage({ directory, tag: 'latest' });
});
sharedCacheContract('memory', async () => memoryPlace().open);

const test = suite('a shared cache in a folder');
const blobOf = (text: string) => ({ mediaType: MEDIA_TYPE.layer, digest: digestOf(text), size: text.length });
const fileOf = (directory: string, text: string) => join(directory, 'blobs/sha256', encodedOf(digestOf(text)));
const put = (directory: string, text: string) =>
  new FolderStorage({ directory, tag: 'x' }).put(
    { blob: blobOf(text), open: async () => Readable.from([Buffer.from(text)]) },
    call,
  );

test('is an OCI layout in which each cache has a tag', async () => {
  const directory = newFolder();
  await new FolderStorage({ directory, tag: 'one' }).publish({ document, blobs: [] }, call);
  await new FolderStorage({ directory, tag: 'two' }).publish(
    { document: Buffer.from('{"version":1} '), blobs: [] },
    call,
  );
  const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
  assert.equal(
    index.manifests.map((each: { annotations: object }) => Object.values(each.annotations)[0]),
    ['one', 'two'],
  );
  assert.ok(existsSync(join(directory, 'oci-layout')));
  assert.equal(await new FolderStorage({ directory, tag: 'one' }).readDocument(call), document);
  const { digest } = index.manifests[0];
  assert.equal(await new FolderStorage({ directory, tag: 'none', digest }).readDocument(call), document);
});

test('verifies what it reads and what it writes', async () => {
  const directory = newFolder();
  const storage = new FolderStorage({ directory, tag: 'x' });
  const lying = { blob: blobOf('text'), open: async () => Readable.from([Buffer.from('lies')]) };
  await rejects(storage.put(lying, call), 'integrity');
  assert.is(await storage.has(blobOf('text')), false);
  await storage.publish({ document, blobs: [] }, call);
  writeFileSync(fileOf(directory, document.toString()), 'x'.repeat(document.length));
  await rejects(storage.readDocument(call), 'integrity');
});

test('removes blobs that no cache names, a day after they were written', async () => {
  const directory = newFolder();
  for (const text of ['kept', 'old', 'young']) await put(directory, text);
  for (const text of ['kept', 'old']) utimesSync(fileOf(directory, text), 1, 1);
  await new FolderStorage({ directory, tag: 'x' }).publish({ document, blobs: [blobOf('kept')] }, call);
  assert.equal(
    ['kept', 'old', 'young'].map((text) => existsSync(fileOf(directory, text))),
    [true, false, true],
  );
});

test('leaves everything in a folder that is not its own alone', async () => {
  const directory = newFolder();
  await put(directory, 'old');
  utimesSync(fileOf(directory, 'old'), 1, 1);
  writeFileSync(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...blobOf('image'), mediaType: MEDIA_TYPE.manifest }] }),
  );
  await new FolderStorage({ directory, tag: 'x' }).publish({ document, blobs: [] }, call);
  assert.ok(existsSync(fileOf(directory, 'old')));
});

test('says in one line that it holds a cache of BuildKit', async () => {
  const directory = newFolder();
  const config = { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest: digestOf('{}'), size: 2 };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [] });
  await put(directory, manifest);
  const entry = { mediaType: MEDIA_TYPE.manifest, digest: digestOf(manifest), size: manifest.length };
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  writeFileSync(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }),
  );
  const error = await rejects(new FolderStorage({ directory, tag: 'latest' }).readDocument(call), 'unsupported');
  assert.match(error.message, /BuildKit/);
});

test.run();
