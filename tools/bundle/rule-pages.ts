import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const FOLDER = 'docs/rules';

/** Puts the pages of checks in the place of what reads them: `docs/` need not lie beside the program. */
export const rulePages: Plugin = {
  name: 'rule-pages',
  setup({ onLoad }) {
    onLoad({ filter: /src\/cli\/text\/rule-pages\.ts$/, namespace: 'file' }, () => ({
      contents: `const pages = ${JSON.stringify(readPages())};\nexport const readRulePages = () => pages;`,
      loader: 'js',
    }));
  },
};

function readPages(): Readonly<Record<string, string>> {
  const names = readdirSync(FOLDER).filter((name) => name !== 'README.md');
  return Object.fromEntries(names.map((name) => [name.replace(/\.md$/, ''), readFileSync(join(FOLDER, name), 'utf8')]));
}
