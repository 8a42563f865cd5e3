import { join } from 'node:path';
import { suite } from 'uvu';
import { LayerCatalog } from '../../src/layer/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { chainLayersContract } from '../contract/chain-layers.ts';
import { memoryLayers } from '../fakes/memory-layers.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const fake = suite('chain layers contract: memory fake');
chainLayersContract(fake, memoryLayers());
fake.run();

const real = suite('chain layers contract: catalog and store');
const root = tempDir('chain-layers-real');
const store = LayoutStore.open(root);
const catalog = new LayerCatalog({ directory: join(root, 'trees-v1'), scratch: join(root, 'tmp'), store });
// Only root may give the extracted files the owners of the layer.
chainLayersContract(withNeeds(real, { root: true }), {
  blobs: store,
  trees: catalog,
  treeOf: ({ layers }, call) => catalog.tree(layers, call),
  unpack: (layer, directory, call) => catalog.unpack(layer, { directory, whiteouts: 'delete', below: [] }, call),
  hasLayer: ({ blob }) => store.has(blob),
});
real.run();
