import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { digestOf, SETTINGS } from './settings.ts';

/** `cli.js`, `compile.js` and `trace.js`, after `whole.cjs`. CommonJS, because that is what Node loads fastest. */
export async function bundleLauncher(folder: string): Promise<void> {
  await build({
    ...SETTINGS,
    entryPoints: { cli: 'src/cli/launch/launch.ts', compile: 'src/cli/launch/compile.ts' },
    outdir: folder,
    format: 'cjs',
    define: {
      'import.meta.dirname': '__dirname',
      PROGRAM_DIGEST: JSON.stringify(digestOf([join(folder, 'whole.cjs')])),
    },
  });
  await build({
    ...SETTINGS,
    entryPoints: { trace: 'src/sandbox/trace/run-traced.ts' },
    outdir: folder,
    format: 'cjs',
    define: { ...SETTINGS.define, 'import.meta.url': 'FILE_URL' },
    banner: { js: "const FILE_URL = require('node:url').pathToFileURL(__filename).href;" },
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  chmodSync(join(folder, 'cli.js'), 0o755);
}
