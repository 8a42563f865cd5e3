import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BuiltDocument,
  buildIndex,
  buildManifest,
  type Descriptor,
  type Digest,
  digestOf,
  fetchManifestGraph,
  listGraphImages,
  listNodes,
  NO_BOUNDS,
  readManifestGraph,
} from '../../src/oci/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('manifest graph');

/** Documents by digest, and which of them were asked for. */
class Documents {
  readonly asked: Digest[] = [];
  readonly #bytes = new Map<Digest, Uint8Array>();

  put({ descriptor, bytes }: BuiltDocument): Descriptor {
    this.#bytes.set(descriptor.digest, bytes);
    return descriptor;
  }

  manifest(label: string): Descriptor {
    const config = { digest: digestOf(label), size: label.length };
    return this.put(buildManifest({ config, layers: [] }));
  }

  index(manifests: readonly Descriptor[]): Descriptor {
    return this.put(buildIndex({ manifests }));
  }

  /** An index in an index in an index … around a manifest. */
  nested(depth: number): Descriptor {
    let target = this.manifest('innermost');
    for (let i = 0; i < depth; i++) target = this.index([target]);
    return target;
  }

  readonly read = ({ digest }: Descriptor): Uint8Array | undefined => {
    this.asked.push(digest);
    return this.#bytes.get(digest);
  };
}

test('what bytes are waited for and what bytes are at hand make the same graph', async () => {
  const documents = new Documents();
  const root = documents.index([documents.manifest('a'), documents.index([documents.manifest('b')])]);
  const graph = readManifestGraph(root, documents.read);
  assert.equal(await fetchManifestGraph(root, async (descriptor) => documents.read(descriptor)), graph);
  assert.equal(
    listNodes(graph).map(({ kind }) => kind),
    ['index', 'manifest', 'index', 'manifest'],
  );
});

test('images stand in the order of the indexes, and attestations are none', () => {
  const documents = new Documents();
  const [a, b, c] = ['a', 'b', 'c'].map((label) => documents.manifest(label)) as [Descriptor, Descriptor, Descriptor];
  const attestation = { ...c, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
  const root = documents.index([documents.index([a, attestation]), b]);
  assert.equal(
    listGraphImages(readManifestGraph(root, documents.read)).map(({ digest }) => digest),
    [a.digest, b.digest],
  );
});

test('one manifest for two platforms is read once and listed twice', () => {
  const documents = new Documents();
  const shared = documents.manifest('a');
  const platforms = ['v6', 'v7'].map((variant) => ({ os: 'linux', architecture: 'arm', variant }));
  const root = documents.index(platforms.map((platform) => ({ ...shared, platform })));
  const graph = readManifestGraph(root, documents.read);
  assert.equal(
    listGraphImages(graph).map(({ platform }) => platform),
    platforms,
  );
  assert.equal(documents.asked, [root.digest, shared.digest]);
  assert.is(listNodes(graph).length, 2);
});

test('an index that is listed a thousand times in each of three levels is read once in each', () => {
  const documents = new Documents();
  let target = documents.manifest('a');
  for (let level = 0; level < 3; level++) target = documents.index(Array(1000).fill(target));
  readManifestGraph(target, documents.read);
  assert.is(documents.asked.length, 4);
});

test('indexes are nested four deep and no deeper, unless there is no bound', async () => {
  const documents = new Documents();
  assert.is(listNodes(readManifestGraph(documents.nested(4), documents.read)).length, 5);
  const root = documents.nested(5);
  await refuses('invalid-archive', () => readManifestGraph(root, documents.read), /nested more than 4 deep/);
  await refuses(
    'invalid-archive',
    () => fetchManifestGraph(root, async (each) => documents.read(each)),
    /nested more than 4 deep/,
  );
  const deep = documents.nested(20_000);
  assert.is(listNodes(readManifestGraph(deep, documents.read, { bounds: NO_BOUNDS })).length, 20_001);
});

test('more manifests than anybody needs are refused before they are read', async () => {
  const documents = new Documents();
  const template = documents.manifest('a');
  const many = Array.from({ length: 10_001 }, (_, i) => ({ ...template, digest: digestOf(String(i)) }));
  const root = documents.index(many);
  await refuses('invalid-archive', () => readManifestGraph(root, documents.read), /more than 10000 manifests/);
  assert.equal(documents.asked, [root.digest]);
});

test('what is not given is left unread, and what is no manifest ends the walk unless it may be left', async () => {
  const documents = new Documents();
  const gone = { ...documents.manifest('a'), digest: digestOf('gone') };
  const torn = documents.put({
    descriptor: { ...gone, digest: digestOf('{'), size: 1 },
    bytes: Buffer.from('{'),
  });
  const kinds = (graph: ReturnType<typeof readManifestGraph>) => listNodes(graph).map(({ kind }) => kind);
  assert.equal(kinds(readManifestGraph(documents.index([gone]), documents.read)), ['index', 'unread']);
  const root = documents.index([torn]);
  await refuses('invalid-archive', () => readManifestGraph(root, documents.read), /./);
  assert.equal(kinds(readManifestGraph(root, documents.read, { lenient: true })), ['index', 'unread']);
});

test.run();
