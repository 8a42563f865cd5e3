import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderVerbPage } from '../../src/cli/text/man-page.ts';
import { renderManualPages } from '../../tools/man/pages.ts';
import { run } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';

const test = suite('manual pages');
const withMandoc = withNeeds(test, { programs: ['mandoc'] });
const folder = resolve('man');

test('the pages in man/ are up to date with the commands (npm run man)', async () => {
  const pages = await renderManualPages();
  assert.equal(readdirSync(folder).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) assert.is(readFileSync(join(folder, name), 'utf8'), text, name);
});

test('flags have their short form, their value and what they do; hidden ones are left out', () => {
  const text = renderVerbPage(
    {
      name: 'build',
      summary: 'build an image',
      operands: '<directory>',
      minOperands: 1,
      maxOperands: 1,
      flags: {
        tag: { type: 'string', alias: 't', describe: 'name of the image' },
        squash: { type: 'boolean', hidden: true, describe: 'squash layers' },
        mode: { type: 'string', choices: ['a', 'b'], describe: ".starts with a dot, c:\\path and 'quotes'" },
      },
    },
    '1.0.0',
  );
  assert.match(text, '\\fB\\-t\\fR, \\fB\\-\\-tag\\fR \\fIvalue\\fR\nname of the image\n');
  assert.match(text, '\\fB\\-\\-mode\\fR \\fIa|b\\fR\n\\&.starts with a dot, c:\\epath');
  assert.not.match(text, 'squash');
});

withMandoc('are well formed for mandoc', async () => {
  const { code, stdout } = await run('mandoc', ['-T', 'lint', '-W', 'warning', ...files()]);
  const found = stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'));
  assert.equal(found, []);
  assert.ok(code === 0 || stdout.includes('missing date'));
});

withMandoc('show the examples of a command', async () => {
  const { stdout } = await run('mandoc', ['-T', 'utf8', join(folder, 'mkimage-completion.1')]);
  const text = stdout.replace(/.\x08/g, '');
  assert.match(text, 'source <(mkimage completion bash)');
});

function files(): readonly string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

test.run();
