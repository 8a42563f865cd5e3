/** Builds what `exports` of the package names, if any of it is missing: so the package can be checked in a fresh checkout. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const { exports: entries } = JSON.parse(readFileSync('package.json', 'utf8'));
const files = Object.values<string | Readonly<Record<string, string>>>(entries).flatMap((entry) =>
  typeof entry === 'string' ? [entry] : Object.values(entry),
);
if (isMissing('.js')) run('build');
if (isMissing('.d.ts')) run('types');

function isMissing(ending: string): boolean {
  return files.some((file) => file.endsWith(ending) && !existsSync(file));
}

function run(script: string): void {
  execFileSync('npm', ['run', script], { stdio: 'inherit' });
}
