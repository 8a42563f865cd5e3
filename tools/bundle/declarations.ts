import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'rollup';

/** Finds declarations in the folder that the compiler wrote, which leaves `.ts` and `#grammar` in their imports. */
export function findDeclarations(folder: string): Plugin {
  return {
    name: 'find-declarations',
    resolveId(source, importer) {
      if (source === '#grammar') return join(folder, 'grammar/index.d.ts');
      if (importer === undefined || !source.startsWith('.')) return undefined;
      return resolve(dirname(importer), declarationOf(source));
    },
  };
}

/** Drops what is said of whole files: nothing stands below it any more. */
export const dropRemarks: Plugin = {
  name: 'drop-remarks',
  renderChunk: (code) => code.replace(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n\n/gm, ''),
};

/** `src/a.ts` to `src/a.d.ts`. */
export function declarationOf(file: string): string {
  return file.replace(/(\.d)?\.ts$/, '.d.ts');
}
