/**
 * Bundles the program (`npm run build [folder]`, by default `dist`).
 *
 *   cli.js             starts the program in the form that loads fastest here
 *   whole.cjs          all of it as one script, for V8's compiled form of it
 *   compile.js         makes that form (`whole.*.bin`): here for this Node, on other machines after the first run
 *   trace.js           runs a step whose system calls are traced (`--isolation=chroot`)
 *   licenses.txt       of the packages that are in it and in the library
 *   main.mjs, chunks/  the same program as modules; a verb loads what it needs
 *   lib/               what other programs import
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleChunks } from './chunks.ts';
import { bundleLauncher } from './launcher.ts';
import { bundleLibrary } from './library.ts';
import { writeNotices } from './notices.ts';
import { bundleWhole } from './whole.ts';

/** Only what a build has made: the folder may hold more. */
const MADE = /^(chunks|(cli|compile|main|trace|whole)\..*)$/;

const folder = process.argv[2] ?? 'dist';
removeLast();
await bundleChunks(folder);
const whole = await bundleWhole(folder);
writeNotices(folder, [whole, await bundleLibrary(folder)]);
await bundleLauncher(folder);
execFileSync(process.execPath, [join(folder, 'compile.js')], { stdio: ['ignore', 'ignore', 'pipe'] });

function removeLast(): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => MADE.test(name))) {
    rmSync(join(folder, name), { recursive: true });
  }
}
