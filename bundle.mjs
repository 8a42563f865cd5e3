// Bundles the command line into dist/cli.js and the chunks that verbs load when they need them (`npm run build [folder]`).
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = process.argv[2] ?? 'dist';
rmSync(join(folder, 'chunks'), { recursive: true, force: true });

await build({
  entryPoints: { cli: 'src/cli/main.ts' },
  outdir: folder,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // A native addon, and one that reads a .wasm file beside itself: both are loaded from node_modules, only where they are used.
  external: ['koffi', '@bokuweb/zstd-wasm'],
  // Saves 40 ms of every start; why, is said there.
  alias: { 'string-width': './src/cli/text-width.ts' },
  // Dependencies that are CommonJS ask for `require`.
  banner: {
    js: [
      "import { createRequire as createRequireForBundle } from 'node:module';",
      'const require = createRequireForBundle(import.meta.url);',
    ].join('\n'),
  },
});
chmodSync(join(folder, 'cli.js'), 0o755);
