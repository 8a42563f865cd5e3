import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SETTINGS } from './settings.ts';

/** `cli.js`. CommonJS, because that is what Node loads fastest. */
export async function bundleLauncher(folder: string): Promise<void> {
  await build({
    ...SETTINGS,
    entryPoints: { cli: 'src/cli/launch.ts' },
    outdir: folder,
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  chmodSync(join(folder, 'cli.js'), 0o755);
}
