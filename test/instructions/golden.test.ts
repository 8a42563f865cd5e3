import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile, printBuildFile } from '../../src/instructions/index.ts';
import { dumpBuildFile } from './dump.ts';
import { meaningOf } from './meaning.ts';

/** Adding a case is adding a folder with a Dockerfile; MKIMAGE_UPDATE_GOLDENS=1 writes what is expected of it. */
const test = suite('build files as recorded');
const folder = fileURLToPath(new URL('../../fixtures/build-files/', import.meta.url));
const updates = process.env.MKIMAGE_UPDATE_GOLDENS === '1';

for (const kind of ['valid', 'invalid'] as const) {
  for (const name of readdirSync(`${folder}${kind}`).sort()) {
    test(`${kind}: ${name}`, () => {
      const file = parseBuildFile(readFileSync(`${folder}${kind}/${name}/Dockerfile`));
      const hasErrors = file.diagnostics.some(({ severity }) => severity === 'error');
      assert.is(hasErrors, kind === 'invalid');
      if (kind === 'valid') assert.equal(meaningOf(parseBuildFile(printBuildFile(file))), meaningOf(file), 'printed');
      compare(`${folder}${kind}/${name}/expected.txt`, dumpBuildFile(file));
    });
  }
}

function compare(path: string, found: string): void {
  if (updates) {
    assert.is(process.env.CI, undefined, 'what is expected is never rewritten in CI');
    writeFileSync(path, found);
  }
  assert.fixture(found, existsSync(path) ? readFileSync(path, 'utf8') : '');
}

test.run();
