/** Writes the manual pages (`npm run man`): one for the program and one for each command, into `man/`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderManualPages } from './pages.ts';

const folder = process.argv[2] ?? 'man';
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder).filter((each) => each.endsWith('.1'))) rmSync(join(folder, name));
for (const [name, text] of await renderManualPages()) writeFileSync(join(folder, name), text);
