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
  // A native addon, and one that reads a .wasm file beside itself: both are loaded from node_modules, only where they are used.
  // So is what only a few files need that few people have.
  external: ['koffi', '@bokuweb/zstd-wasm', 'yaml'],
  // Saves 40 ms of every start; why, is said there.
  alias: { 'string-width': './src/cli/text/text-width.ts' },
} satisfies BuildOptions;
