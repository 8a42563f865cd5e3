import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cleanPath, type FileTree, walkTree } from '../../src/content/index.ts';
import { isMkimageError } from '../../src/errors.ts';
import { LayerCatalog } from '../../src/layer/index.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { tempDir } from '../support/temp.ts';
import { file, memoryStore, type Sample, symlink } from './tar-samples.ts';

const test = suite('merged layers');
const folder = tempDir('merge');
let places = 0;

/** Few names, so that layers meet: links are never a parent here, because what they lead to depends on who unpacks. */
const paths = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'a/b/c', 'a/b/d', 'b/a', 'b/a/c');
const contents = fc.constantFrom('', 'one', 'two');
const modes = fc.constantFrom(0o600, 0o644, 0o755);
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc.tuple(paths, contents, modes).map(([path, content, mode]) => file(path, content, { mode })),
  fc.tuple(paths, fc.constantFrom(0o700, 0o755)).map(([path, mode]) => ({ path: `${path}/`, mode })),
  fc.tuple(paths, contents).map(([path, target]) => symlink(`${path}.link`, `to/${target}`)),
  paths.map((path) => file(path.replace(/[^/]*$/, '.wh.$&'))),
  fc.constantFrom('a', 'b', 'a/b', 'b/a').map((path) => file(`${path}/.wh..wh..opq`)),
);
/** A layer as layers are written: a path once, what is hidden before what is put, parents first. */
const layer = fc
  .uniqueArray(sample, { minLength: 1, maxLength: 8, selector: ({ path }) => cleanPath(path) })
  .map((samples) => samples.sort((one, other) => rank(one) - rank(other)));
const layers = fc.array(layer, { minLength: 1, maxLength: 4 });

function rank({ path }: Sample): number {
  const depth = path.split('/').length;
  return path.includes('.wh.') ? depth : 100 + depth;
}

/** A line an object: path, type, mode and what it holds. */
async function linesOf(tree: FileTree): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { path, type, mode, linkname } of walkTree(tree)) {
    const digest = type === 'file' ? await tree.digest(path) : '';
    if (path !== '') lines.push(`${path} ${type} ${mode.toString(8)} ${linkname ?? ''}${digest}`);
  }
  return lines.sort();
}

function linesOnDisk(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true }).map(String);
  return names.map((path) => lineOf(root, path)).sort();
}

function lineOf(root: string, path: string): string {
  const stats = lstatSync(join(root, path));
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) return `${path} symlink 777 ${readlinkSync(join(root, path))}`;
  if (stats.isDirectory()) return `${path} directory ${mode} `;
  return `${path} file ${mode} ${digestOf(readFileSync(join(root, path)))}`;
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    assert.ok(isMkimageError(error, 'invalid-archive'), String(error));
    return undefined;
  }
}

test('shows what unpacking the layers one over the other gives', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(layers, async (stack) => {
      const base = join(folder, String(places++));
      const root = join(base, 'root');
      mkdirSync(root, { recursive: true });
      const store = memoryStore();
      const open = () => new LayerCatalog({ directory: join(base, 'trees'), scratch: join(base, 'tmp'), store });
      const made = stack.map((samples) => store.gzipLayer(samples));
      const tree = await unlessRefused(() => open().tree(made, createQuietCall()));
      const unpacked = await unlessRefused(async () => {
        for (const layer of made)
          await open().unpack(layer, { directory: root, whiteouts: 'delete' }, createQuietCall());
        return linesOnDisk(root);
      });
      if (tree === undefined || unpacked === undefined) return;
      compared++;
      assert.equal(await linesOf(tree), unpacked);
    }),
    { numRuns: 60 },
  );
  assert.ok(compared > 10, `only ${compared} stacks were good enough to compare`);
});

test.run();
