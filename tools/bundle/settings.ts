import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

/** What all bundles have in common. */
export const SETTINGS = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // A package that reads a .wasm file beside itself, and what only a few files need that few people have: both are loaded from
  // node_modules, only where they are used. (So is the native addon, whose name depends on the platform.) What is not named here
  // is a development dependency.
  external: ['@bokuweb/zstd-wasm', 'yaml'],
  // Saves 40 ms of every start; why, is said there.
  alias: { 'string-width': './src/cli/text/text-width.ts' },
  // What an older program has worked out, a newer one does not believe.
  define: {
    SOURCES_DIGEST: JSON.stringify(
      digestOf(['package-lock.json', ...listFilesBelow('grammar'), ...listFilesBelow('src')]),
    ),
  },
} satisfies BuildOptions;

/** On top of ES modules: dependencies that are CommonJS ask for `require`. */
export const REQUIRE = [
  "import { createRequire as createRequireForBundle } from 'node:module';",
  'const require = createRequireForBundle(import.meta.url);',
].join('\n');

/** Long enough to tell versions of one thing apart. */
export function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function listFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
