import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSettings, readSettingsText, toHadolintJson } from '../../../src/lint/index.ts';
import { lintText } from '../lint-support.ts';

/** What hadolint's rules are about, as data: which build file each of them speaks up on. */
const test = suite("hadolint's rules");
const here = dirname(fileURLToPath(import.meta.url));

for (const line of readFileSync(join(here, 'examples.txt'), 'utf8').split('\n')) {
  if (line === '' || line.startsWith('# ')) continue;
  const [, code = '', sign = '', written = '', settings = ''] =
    /^(DL\d+) \| ([+-]) \| (.*?)(?: \| (\S.*:.*))?$/.exec(line) ?? [];
  const body = written.replaceAll('\\n', '\n').replaceAll('\\\\', '\\');

  test(`${code} ${sign === '+' ? 'finds' : 'passes'} ${written} ${settings}`, async () => {
    assert.is((await codesIn(withBase(body), settings)).includes(code), sign === '+');
  });

  if (!/^RUN [^\n]*$/.test(body)) continue;
  test(`${code} ${sign === '+' ? 'finds' : 'passes'} the trigger ${written}`, async () => {
    assert.is((await codesIn(`FROM a:1\nONBUILD ${body}\n`, settings)).includes(code), sign === '+');
  });
}

test('each RUN after both programs are known is reported, and none before', () => {
  const text = 'FROM a:1\nRUN wget -q x\nRUN curl x\nRUN echo hello\nRUN wget -q y\n';
  const lines = toHadolintJson(lintText(text), 'f').filter(({ code }) => code === 'DL4001');
  assert.equal(
    lines.map(({ line }) => line),
    [3, 5],
  );
});

test('missing labels are told once for each stage that lacks them', async () => {
  const settings = mergeSettings(await readSettingsText('label-schema: {foo: text}'), {});
  const count = (text: string) =>
    toHadolintJson(lintText(text, {}, settings), 'f').filter(({ code }) => code === 'DL3049').length;
  assert.is(count('FROM a:1\nFROM b:1\n'), 2);
  assert.is(count('FROM a:1\nLABEL bar=baz\nFROM b:1\nLABEL buzz=fuzz\n'), 2);
  assert.is(count('FROM a:1\nFROM b:1\nLABEL foo=bar\n'), 1);
});

test('commands of a shell that is not of Unix are not judged, where a comment says what the base has', () => {
  const codes = (text: string) => toHadolintJson(lintText(text), 'f').map(({ code }) => code);
  assert.ok(codes('FROM a:1\nRUN cd x | y\n').includes('DL3003'));
  assert.equal(codes('FROM a:1\n# hadolint shell=powershell\nRUN cd x | y\n'), []);
  assert.equal(codes('# hadolint shell=powershell\nFROM a:1\nRUN cd x | y\n'), []);
});

test.run();

function withBase(body: string): string {
  return /^(?:\S+ [^\n]*\n)*FROM /m.test(body) && !body.startsWith('ONBUILD') ? `${body}\n` : `FROM a:1\n${body}\n`;
}

async function codesIn(text: string, settings: string): Promise<readonly string[]> {
  const part = settings === '' ? undefined : mergeSettings(await readSettingsText(settings), {});
  return toHadolintJson(lintText(text, { allChecks: true }, part), 'Dockerfile').map(({ code }) => code);
}
