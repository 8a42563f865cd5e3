import { build } from 'esbuild';
import { rulePages } from './rule-pages.ts';
import { SETTINGS } from './settings.ts';
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

/** Dependencies that are CommonJS ask for `require`. */
const REQUIRE = [
  "import { createRequire as createRequireForBundle } from 'node:module';",
  'const require = createRequireForBundle(import.meta.url);',
].join('\n');
