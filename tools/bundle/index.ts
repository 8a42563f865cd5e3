/**
 * Bundles the program (`npm run build [folder]`, by default `dist`).
 *
 *   cli.js             starts the program in the form that loads fastest here
 *   whole.cjs          all of it as one script, for V8's compiled form of it (`whole.*.bin`)
 *   main.mjs, chunks/  the same program as modules; a verb loads what it needs
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleChunks } from './chunks.ts';
import { keepCompiled } from './compiled.ts';
import { bundleLauncher } from './launcher.ts';
import { bundleWhole } from './whole.ts';

/** Only what a build has made: the folder may hold more. */
const MADE = /^(chunks|(cli|main|whole)\..*)$/;

const folder = process.argv[2] ?? 'dist';
removeLast();
await bundleChunks(folder);
await bundleWhole(folder);
await bundleLauncher(folder);
keepCompiled(folder);

function removeLast(): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => MADE.test(name))) {
    rmSync(join(folder, name), { recursive: true });
  }
}
