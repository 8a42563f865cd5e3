// Bundles the command line into dist/cli.js and the chunks that verbs load when they need them (`npm run build [folder]`).
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = process.argv[2] ?? 'dist';

/** What a build without surprises needs. */
const OFTEN = [
  'src/cli/commands/build.ts',
  'src/cli/render/plain.ts',
  'src/engine/build.ts',
  'src/engine/config.ts',
  'src/engine/services.ts',
];

/**
 * Puts OFTEN and what it imports into one chunk. esbuild makes a chunk of what the same dynamic imports reach, which would be
 * thirty files, a millisecond each; so each of those imports is made to reach all of OFTEN.
 */
const together = {
  name: 'together',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === together) return undefined;
      return resolve(path, { kind, importer, resolveDir, pluginData: together }).then((found) => ({
        ...found,
        namespace: 'together',
      }));
    });
    onLoad({ filter: /./, namespace: 'together' }, ({ path }) => ({
      contents: [...OFTEN.map((file) => `import '${join(process.cwd(), file)}';`), `export * from '${path}';`].join(
        '\n',
      ),
      resolveDir: process.cwd(),
    }));
  },
};
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
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [together],
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
