/** Writes the files generated from the grammar: the types of its syntax tree, and the grammar in EBNF. */
import { writeFileSync } from 'node:fs';
import { renderFiles } from './render.ts';

for (const [name, text] of Object.entries(renderFiles())) {
  writeFileSync(new URL(`../generated/${name}`, import.meta.url), text);
}
