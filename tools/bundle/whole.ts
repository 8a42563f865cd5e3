import { build, type Metafile } from 'esbuild';
import { rulePages } from './rule-pages.ts';
import { SETTINGS } from './settings.ts';

/** `whole.cjs`: a function of what a CommonJS module is given, see `src/cli/launch/launch.ts`. ASCII, so that it is read as it is. */
export async function bundleWhole(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    ...SETTINGS,
    metafile: true,
    entryPoints: { whole: 'src/cli/main.ts' },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [rulePages],
    charset: 'ascii',
    define: { ...SETTINGS.define, 'import.meta.url': 'bundleUrl' },
    // A script that comes with its compiled form has no loader for these.
    supported: { 'dynamic-import': false },
    banner: {
      js: "(function (require, __filename) { const bundleUrl = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
  });
  return metafile;
}
