import { build } from 'esbuild';
import { rulePages } from './rule-pages.ts';
import { REQUIRE, SETTINGS } from './settings.ts';
import { together } from './together.ts';

/** `main.mjs` and its chunks. */
export async function bundleChunks(folder: string): Promise<void> {
  await build({
    ...SETTINGS,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    plugins: [together, rulePages],
    banner: { js: REQUIRE },
  });
}
