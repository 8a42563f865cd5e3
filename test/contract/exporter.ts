import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { OutputSpec } from '../../src/api/index.ts';
import { parseOutput } from '../../src/docker-syntax/index.ts';
import { exportImage } from '../../src/exporter/export-image.ts';
import { digestOf, formatCanonicalJson, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { treeOf } from '../support/tree-of.ts';

/** A kind of output that goes to a place on the disk. */
export interface ExporterKind {
  /** As `-o` has it, without `dest`. */
  readonly options: string;
  /** Of a directory that is written: what appears when all else is there; undefined where it fills up by and by. */
  readonly folder?: { readonly last: string | undefined };
}

const MEBIBYTE = 1 << 20;
const home = tempDir('exporter-contract');

/** What every kind of output must do, whatever it writes. */
export function exporterContract(kind: ExporterKind): void {
  const test = suite(`exporter contract: ${kind.options}`);
  const { folder } = kind;

  test('one image gives the same bytes in any place, and over what was written before', async () => {
    const [one, other] = [place('one'), place('other')];
    for (const dest of [one, other, other]) await write(dest);
    assert.equal(contentOf(other), contentOf(one));
    assert.ok(contentOf(one).length > 0);
  });

  const fillsUp = folder !== undefined && folder.last === undefined;
  if (!fillsUp)
    test('nothing is taken for whole before it is', async () => {
      const dest = place('out');
      const seen: boolean[] = [];
      await write(dest, { report: () => void seen.push(isThere(lastOf(dest))) });
      assert.ok(isThere(lastOf(dest)));
      // The last event may tell of it.
      assert.not(seen.slice(0, -1).includes(true));
      assert.ok(seen.length > 1);
    });

  test('cancelled, it leaves no file and no temporary name', async () => {
    for (const after of [0, 1]) {
      const dest = place('out');
      const stop = new AbortController();
      let events = 0;
      if (after === 0) stop.abort();
      const report = () => {
        if (++events === after) stop.abort();
      };
      await rejects(write(dest, { report, signal: stop.signal }), 'cancelled');
      assert.not(folder?.last !== undefined && isThere(lastOf(dest)));
      if (folder === undefined) assert.equal(readdirSync(join(dest, '..')), []);
      else assert.equal(temporaryNamesIn(dest), []);
    }
  });

  test('progress grows, stays below its total and comes to an end', async () => {
    const events: ProgressEvent[] = [];
    await write(place('out'), { report: (event) => void events.push(event) });
    const byItem = new Map<string, ProgressEvent[]>();
    for (const event of events) {
      assert.is(event.type, 'step-progress');
      if (event.type !== 'step-progress') continue;
      assert.is(event.step, 'export/0');
      const before = byItem.get(event.item)?.at(-1);
      assert.ok(before?.type !== 'step-progress' || (!before.done && before.current <= event.current));
      assert.ok(event.current <= (event.total ?? Number.POSITIVE_INFINITY));
      byItem.set(event.item, [...(byItem.get(event.item) ?? []), event]);
    }
    assert.ok(byItem.size > 0);
    for (const [last] of [...byItem.values()].map((list) => list.slice(-1)))
      assert.ok(last?.type === 'step-progress' && last.done);
  });

  test('a place of the wrong kind is refused as it is, and nothing appears beside it', async () => {
    const dest = place('out');
    if (folder === undefined) mkdirSync(dest);
    else writeFileSync(dest, 'mine');
    await rejects(write(dest), 'usage');
    assert.equal(readdirSync(join(dest, '..')), ['out']);
    assert.is(lstatSync(dest).isDirectory(), folder === undefined);
  });

  test('a missing parent is made for a directory, and an error for a file', async () => {
    const parent = join(place('parent'), 'deep');
    if (folder === undefined) await rejects(write(join(parent, 'out')), 'usage', /does not exist/);
    else await write(join(parent, 'out'));
    assert.is(isThere(parent), folder !== undefined);
  });

  if (folder !== undefined)
    test('a link in a directory is not written through', async () => {
      const [dest, elsewhere] = [place('out'), place('elsewhere')];
      for (const path of [dest, elsewhere]) mkdirSync(path);
      for (const name of ['blobs', 'a', 'index.json']) symlinkSync(elsewhere, join(dest, name));
      await write(dest).catch(() => {});
      assert.equal(readdirSync(elsewhere), []);
    });

  test.run();

  function lastOf(dest: string): string {
    return folder?.last === undefined ? dest : join(dest, folder.last);
  }

  async function write(dest: string, call: Partial<ReturnType<typeof createQuietCall>> = {}): Promise<void> {
    const { image, services } = imageInStore();
    const output: OutputSpec = parseOutput(`${kind.options},dest=${dest}`);
    await exportImage(image, output, { services, call: { ...createQuietCall(), ...call } });
  }
}

/** A path with nothing there, in a directory of its own. */
function place(name: string): string {
  return join(mkdtempSync(join(home, 'place-')), name);
}

const LAYERS = ['low', 'high'].map((label) => Buffer.alloc(3 * MEBIBYTE, `layer ${label} `));
const TREE = treeOf({ 'a/first': 'a'.repeat(2 * MEBIBYTE), 'a/second': 'b'.repeat(2 * MEBIBYTE), c: { link: 'a' } });

function imageInStore() {
  const store = LayoutStore.open(join(home, 'store'));
  const layers = LAYERS.map((bytes) => ({ diffId: digestOf(bytes), blob: store.putSmall(MEDIA_TYPE.layer, bytes) }));
  const platform = { os: 'linux', architecture: 'amd64' };
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const config = Buffer.from(formatCanonicalJson({ ...platform, config: {}, rootfs, history: [] }));
  return {
    image: {
      images: [{ config, layers, platform }] as const,
      isIndex: false,
      names: ['docker.io/library/app:v1'],
      annotations: [],
      hostPlatform: platform,
    },
    services: { store, catalog: { tree: async () => TREE }, stdout: () => new Writable(), step: 'export/0' },
  };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Every object at and below a path by what it is and holds. */
function contentOf(path: string): readonly string[] {
  if (lstatSync(path).isFile()) return [digestOf(readFileSync(path))];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const stats = lstatSync(join(path, name));
    const link = stats.isSymbolicLink() ? readlinkSync(join(path, name)) : '';
    const bytes = stats.isFile()
      ? createHash('sha256')
          .update(readFileSync(join(path, name)))
          .digest('hex')
      : '';
    return [name, stats.mode, link, bytes].join(' ');
  });
}

function temporaryNamesIn(path: string): readonly string[] {
  if (!isThere(path)) return [];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /(^|\/)\.[^/]*$/.test(name));
}
