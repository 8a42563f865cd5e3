import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedStorage } from '../../src/cache/index.ts';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';

/** What every place must do in which machines share a cache. `open` gives another view of the same place each time. */
export function sharedCacheContract(name: string, make: () => Promise<() => SharedStorage>): void {
  const test = suite(`shared cache contract: ${name}`);
  const call = createQuietCall();
  const document = Buffer.from('{"version":1,"records":[]}');
  const blobOf = (text: string): Descriptor => ({
    mediaType: MEDIA_TYPE.layerGzip,
    digest: digestOf(text),
    size: Buffer.byteLength(text),
  });
  const contentOf = (text: string) => ({ blob: blobOf(text), open: async () => Readable.from([Buffer.from(text)]) });

  test('has nothing at first', async () => {
    const open = await make();
    assert.is(await open().readDocument(call), undefined);
    assert.is(await open().has(blobOf('one'), call), false);
    await rejects(open().open(blobOf('one'), call), 'not-found');
  });

  test('gives back the document and the blobs that another machine has published', async () => {
    const open = await make();
    const writer = open();
    await writer.put(contentOf('one'), call);
    await writer.put(contentOf('two'), call);
    await writer.publish({ document, blobs: [blobOf('one'), blobOf('two')] }, call);
    const reader = open();
    assert.equal(Buffer.from((await reader.readDocument(call))!), document);
    assert.is((await buffer(await reader.open(blobOf('two'), call))).toString(), 'two');
    assert.is(await open().has(blobOf('one'), call), true);
  });

  test('the last document counts', async () => {
    const open = await make();
    const later = Buffer.from('{"version":1,"records":[],"later":true}');
    await open().publish({ document, blobs: [] }, call);
    await open().publish({ document: later, blobs: [] }, call);
    assert.equal(Buffer.from((await open().readDocument(call))!), later);
  });

  test('takes blob and document again, and a blob of some size', async () => {
    const open = await make();
    const bytes = createHash('sha256').update('seed').digest('hex').repeat(40_000);
    for (let round = 0; round < 2; round++) {
      const storage = open();
      if (!(await storage.has(blobOf(bytes), call))) await storage.put(contentOf(bytes), call);
      await storage.put(contentOf('small'), call);
      await storage.publish({ document, blobs: [blobOf(bytes), blobOf('small')] }, call);
    }
    const read = await buffer(await open().open(blobOf(bytes), call));
    assert.is(digestOf(read), digestOf(bytes));
    assert.equal(Buffer.from((await open().readDocument(call))!), document);
  });

  test('names itself for messages', async () => {
    const open = await make();
    assert.ok(open().title.length > 0);
  });

  test.run();
}
