/** Reads the documentation pages of the checks. `tools/bundle/rule-pages.ts` uses this to embed them in the bundle. */
import { readdirSync, readFileSync } from 'node:fs';

/** Returns Markdown by the name of the check. Works only in the repository, because an installation may lack `docs/`. */
export function readRulePages(): Readonly<Record<string, string>> {
  const folder = new URL('../../../docs/rules/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  return Object.fromEntries(names.map((name) => [name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')]));
}
