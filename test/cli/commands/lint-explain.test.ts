import { cpSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explainRule } from '../../../src/cli/text/explain-rule.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { getLintRules } from '../../../src/lint/index.ts';
import { mkimageIn, run } from '../../support/mkimage.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('mkimage lint --explain');
const home = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const root = tempDir('lint-explain');
const mkimage = mkimageIn(root);
const page = (name: string) => readFileSync(join(home, 'docs/rules', `${name}.md`), 'utf8');

test('prints the page of a check, by its name in any case or by a code', async () => {
  for (const asked of ['SudoInRun', 'sudoinrun', 'DL3004', 'dl3004']) {
    assert.equal(await mkimage(['lint', '--explain', asked]), {
      code: 0,
      signal: null,
      stdout: page('SudoInRun'),
      stderr: '',
    });
  }
  assert.is((await mkimage(['lint', '--explain=DL4003'])).stdout, page('MultipleInstructionsDisallowed'));
  assert.is((await mkimage(['lint', '--explain=DL3038'])).stdout, page('InstallWithoutYes'));
});

test('has a page for every check and every code', async () => {
  for (const { name, code, codes = code === undefined ? [] : [code] } of getLintRules()) {
    for (const asked of [name, ...codes]) assert.is(await explainRule(asked), page(name));
  }
});

test('says what is an error of the file here', async () => {
  assert.match(await explainRule('DL3061'), /before the first `FROM`[\s\S]*`missing-from`/);
  assert.match(await explainRule('forbidden-trigger'), /DL3043/);
});

test('has a way out for what is no check', async () => {
  const hint = async (asked: string) => {
    const [{ reason }] = (await Promise.allSettled([explainRule(asked)])) as [PromiseRejectedResult];
    assert.ok(isMkimageError(reason, 'usage'));
    return reason.hint;
  };
  assert.is(await hint('SudoInRum'), 'did you mean `SudoInRun`?');
  assert.match((await hint('SC2086'))!, /ShellCheck/);
  assert.match((await hint('DL9999'))!, /at the end of a finding/);
  assert.match((await hint('__proto__'))!, /at the end of a finding/);
  assert.is((await mkimage(['lint', '--explain', 'nothing'])).code, 2);
});

test('works with nothing but the program, and so does the text of a finding', async () => {
  const elsewhere = join(root, 'elsewhere');
  cpSync(join(home, 'dist'), join(elsewhere, 'dist'), { recursive: true });
  const program = join(elsewhere, 'dist/cli.js');
  const env = { MKIMAGE_ROOT: join(root, 'root') };
  const input = 'FROM scratch\nADD a.jar /b\n';
  const { stdout } = await run(process.execPath, [program, 'lint', '-'], { cwd: elsewhere, env, input });
  const [, command = ''] = /hint: see `mkimage (.*)`/.exec(stdout) ?? [];
  const answer = await run(process.execPath, [program, ...command.split(' ')], { cwd: elsewhere, env });
  assert.equal([answer.code, answer.stdout], [0, page('AddInsteadOfCopy')]);
});

test.run();
