import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodeDocument,
  EMPTY_DOCUMENT,
  encodeDocument,
  type SharedDocument,
  SharedSources,
} from '../../../src/cache/index.ts';
import { MkimageError } from '../../../src/errors.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../../src/oci/index.ts';
import type { ProgressEvent } from '../../../src/progress.ts';
import { memoryPlace } from '../../fakes/memory-shared-cache.ts';
import { refuses } from '../../support/rejects.ts';

const test = suite('caches of other machines');
const layer: Layer = {
  diffId: digestOf('layer'),
  blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf('layer'), size: 5 },
};
const form = { blob: { mediaType: MEDIA_TYPE.layerGzip, digest: digestOf('gz'), size: 3 }, recipe: 'gzip/6' };
const listing = 'file\t644\tsha256:1\t\t\t\ta.txt\n';
const record = {
  parts: [{ name: 'files', value: digestOf(listing) }],
  layer,
  createdAt: '2026-01-02T03:04:05Z',
  ms: 12,
};
const document: SharedDocument = {
  records: [{ keys: [digestOf('key'), digestOf('other key')], record, place: 'Dockerfile amd64 build 2' }],
  forms: new Map([[layer.diffId, { ...form, size: 5 }]]),
  listings: new Map([[digestOf(listing), listing]]),
  mounts: [{ key: 'a'.repeat(64), id: 'npm', layers: [layer.diffId], files: form.blob }],
};

function watched() {
  const events: ProgressEvent[] = [];
  return {
    events,
    call: { signal: new AbortController().signal, report: (event: ProgressEvent) => events.push(event) },
  };
}

function placeWith(bytes: Buffer | undefined, fails?: () => Promise<never>) {
  const place = memoryPlace();
  place.document = bytes;
  const source = place.open();
  const reading = fails === undefined ? source : { ...source, readDocument: fails };
  return { place, source: { source: reading, patienceMs: 1000 } };
}

test('a document gives back what was written', () => {
  assert.equal(decodeDocument(encodeDocument(document)), document);
  assert.equal(decodeDocument(encodeDocument(EMPTY_DOCUMENT)), EMPTY_DOCUMENT);
});

test('entries of a document that make no sense are left out, the others stay', () => {
  const spoil = (change: object) => {
    const value = JSON.parse(encodeDocument(document).toString());
    return decodeDocument(Buffer.from(JSON.stringify({ ...value, ...change })));
  };
  const recordsWith = (change: object) => ({ records: [{ ...document.records[0], ...change }] });
  assert.equal(spoil({ forms: {} }).records, []);
  assert.equal(spoil(recordsWith({ keys: ['no digest'] })).records, []);
  const longer = { ...record, layer: { ...layer, blob: { ...layer.blob, size: 6 } } };
  assert.equal(spoil(recordsWith({ record: longer })).records, []);
  assert.equal(spoil({ listings: { [digestOf('x')]: 'y' } }).listings, new Map());
  assert.equal(spoil({ mounts: [{ key: '../x', id: 'npm', layers: [], files: form.blob }] }).mounts, []);
  assert.equal(decodeDocument(Buffer.from('{"version":2,"records":[]}')), EMPTY_DOCUMENT);
});

test('text that is no document is refused', async () => {
  await refuses('invalid-archive', () => decodeDocument(Buffer.from('<html>')));
});

test('a document that is too large loses its listings first', () => {
  const long = 'x'.repeat(700_000);
  const listings = new Map([long, `${long}y`, `${long}z`].map((text) => [digestOf(text), text]));
  const read = decodeDocument(encodeDocument({ ...document, listings }));
  assert.is(read.listings.size, 1);
  assert.equal(read.records, document.records);
});

test('are read once, for all look-ups', async () => {
  const { place, source } = placeWith(encodeDocument(document));
  const sources = new SharedSources([source]);
  const { call, events } = watched();
  assert.equal((await sources.lookup([digestOf('none'), digestOf('other key')], call))?.record, record);
  assert.is(await sources.lookup([digestOf('none')], call), undefined);
  assert.equal((await sources.previous('Dockerfile amd64 build 2', call))?.parts, record.parts);
  assert.is(await sources.readListing(digestOf(listing), call), listing);
  assert.is((await sources.findMount('a'.repeat(64), call))?.mount.id, 'npm');
  assert.equal(place.asked, ['document']);
  assert.equal(
    events.map(({ type }) => type),
    ['step-started', 'step-finished'],
  );
});

test('are asked in their order', async () => {
  const second = { ...document, records: [{ ...document.records[0]!, record: { ...record, ms: 99 } }] };
  const sources = new SharedSources([
    placeWith(undefined).source,
    placeWith(encodeDocument(second)).source,
    placeWith(encodeDocument(document)).source,
  ]);
  assert.is((await sources.lookup([digestOf('key')], watched().call))?.record.ms, 99);
});

test('that fail are a warning; those of other programs are a note', async () => {
  const failing = async () => {
    throw new MkimageError('network', 'reach `example.com`: connection refused');
  };
  const foreign = async () => {
    throw new MkimageError('unsupported', 'it was written by BuildKit');
  };
  const sources = new SharedSources([
    placeWith(undefined, failing).source,
    placeWith(undefined, foreign).source,
    placeWith(encodeDocument(document)).source,
  ]);
  const { call, events } = watched();
  assert.ok(await sources.lookup([digestOf('key')], call));
  const said = events.flatMap((event) =>
    event.type === 'warning' || event.type === 'note' ? [`${event.type}: ${event.message}`] : [],
  );
  assert.equal(said, [
    'warning: cache from memory is not used: reach `example.com`: connection refused',
    'note: cache from memory is not used: it was written by BuildKit',
  ]);
});

test('what is dropped is a miss from then on', async () => {
  const { source } = placeWith(encodeDocument(document));
  const sources = new SharedSources([source]);
  const { call } = watched();
  const hit = await sources.lookup([digestOf('key')], call);
  sources.dropLayer(hit!.from, layer.diffId);
  assert.is(await sources.lookup([digestOf('key')], call), undefined);
  assert.ok(await sources.previous('Dockerfile amd64 build 2', call));
  sources.dropSource(hit!.from);
  assert.is(await sources.previous('Dockerfile amd64 build 2', call), undefined);
  assert.equal((await sources.forms(call)).size, 0);
});

test.run();
