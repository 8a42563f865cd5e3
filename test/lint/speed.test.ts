import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { createLintFile } from '../../src/lint/lint-file.ts';
import { LINT_RULES } from '../../src/lint/rules/index.ts';

/** Commands and stages by thousands: to ask each of them about all others would take minutes. */
const test = suite('checks of large build files');
const SOME = 8000;

const FILES: Readonly<Record<string, string>> = {
  'one step with many commands': `FROM a:1\nRUN ${'cd x && pip install y && yum install z && rm q && '.repeat(SOME)}true\n`,
  'a heredoc of many commands': `FROM a:1\nRUN <<E\nset -eo pipefail\n${'apt-get install a | b\n'.repeat(SOME)}E\n`,
  'many assignments': `FROM a:1\nRUN ${'export A=1; pip install x; '.repeat(SOME)}\n`,
  'a long list of labels': `FROM a:1\nLABEL ${'a.b=c '.repeat(SOME)}\n`,
  'a long list of variables': `FROM a:1\nENV ${Array.from({ length: SOME }, (_, index) => `A${index}=$A${index - 1}`).join(' ')}\n`,
};

for (const [name, text] of Object.entries(FILES)) {
  test(`${name}: each check in proportion to the length`, () => {
    const file = createLintFile(parseBuildFile(text), text);
    for (const rule of LINT_RULES) {
      const start = performance.now();
      for (const _ of rule.find(file));
      const time = performance.now() - start;
      assert.ok(time < 3000, `${rule.name}: ${Math.round(time)} ms`);
    }
  });
}

test.run();
