import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { LIBRARY } from './library-entries.ts';
import { REQUIRE, SETTINGS } from './settings.ts';

/** `lib/`: what programs import, as ES modules that share their chunks. Declarations come by `types.ts`. */
export async function bundleLibrary(folder: string): Promise<Metafile> {
  const library = join(folder, 'lib');
  mkdirSync(library, { recursive: true });
  for (const name of readdirSync(library).filter((name) => name.endsWith('.js') || name === 'chunks')) {
    rmSync(join(library, name), { recursive: true });
  }
  const { metafile } = await build({
    ...SETTINGS,
    minifySyntax: false,
    minifyWhitespace: false,
    metafile: true,
    entryPoints: LIBRARY,
    outdir: library,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    banner: { js: REQUIRE },
  });
  writeFileSync(join(library, 'package.json'), '{ "type": "module" }\n');
  return metafile;
}
