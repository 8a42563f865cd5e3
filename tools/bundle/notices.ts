import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** `licenses.txt`: the licenses of the packages that bundles are made of, which ask to be passed on with them. */
export function writeNotices(folder: string, bundles: readonly Metafile[]): void {
  const inputs = bundles.flatMap((bundle) => Object.keys(bundle.inputs));
  const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  writeFileSync(join(folder, 'licenses.txt'), [...packages].sort().map(noticeOf).join(''));
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  const text =
    file === undefined ? 'The package has no text of its license.' : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim().replace(/\r/g, '')}\n\n${'-'.repeat(80)}\n\n`;
}
