/** Writes what follows from the grammar: the types of its syntax tree, and the grammar as a person reads it. */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './render.ts';

for (const [name, text] of Object.entries(generatedFiles())) {
  writeFileSync(new URL(`../generated/${name}`, import.meta.url), text);
}
