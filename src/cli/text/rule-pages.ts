/** The pages of checks, by the names of these. The bundle has them in itself (`tools/bundle/rule-pages.ts`); this is how they come there. */
import { readdirSync, readFileSync } from 'node:fs';

/** Markdown. Only in the repository: `docs/` need not lie beside the program. */
export function readRulePages(): Readonly<Record<string, string>> {
  const folder = new URL('../../../docs/rules/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  return Object.fromEntries(names.map((name) => [name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')]));
}
