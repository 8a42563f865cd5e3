import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderFiles } from '../../grammar/tools/render.ts';

const test = suite('generated grammar files');

test('the grammar has no ambiguity, and what was generated from it is up to date', () => {
  for (const [name, text] of Object.entries(renderFiles())) {
    const onDisk = readFileSync(new URL(`../../grammar/generated/${name}`, import.meta.url), 'utf8');
    assert.is(onDisk, text, `grammar/generated/${name}: run node --import tsx grammar/tools/generate.ts`);
  }
});

test.run();
