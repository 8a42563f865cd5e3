import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { getLintRules, type LintReport, mergeSettings, readSettingsText } from '../../src/lint/index.ts';
import { lintText } from './lint-support.ts';

/** Every check has a page whose bad example it finds, and nothing else does, and whose good example is clean. */
const test = suite('pages of checks');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = join(root, 'docs/rules');
const index = readFileSync(join(folder, 'README.md'), 'utf8');
const names = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .map((file) => file.replace('.md', ''));

test('every check has a page, and every page a check', () => {
  const rules = join(root, 'src/plan/rules');
  const files = readdirSync(rules, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(join(rules, file), 'utf8'));
  const planned = sources.flatMap((text) => /export const (\w+): Rule = \{\s*name: '(\w+)'/.exec(text)?.[2] ?? []);
  const own = getLintRules().map(({ name }) => name);
  assert.is(planned.length, 22);
  assert.equal([...planned, ...own].sort(), names.toSorted());
});

test('hadolint codes are those that the pages name', () => {
  for (const { name, code, codes = code === undefined ? [] : [code] } of getLintRules()) {
    const named = /((?:`DL\d+`(?:, )?)+) in hadolint/.exec(readFileSync(join(folder, `${name}.md`), 'utf8'))?.[1];
    assert.equal(named?.replaceAll('`', '').split(', ') ?? [], codes, name);
  }
});

for (const name of names) {
  const page = readFileSync(join(folder, `${name}.md`), 'utf8');
  const [bad, good] = [...page.matchAll(/```dockerfile\n([\s\S]*?)```/g)].map((match) => match[1]!);

  test(`the page of ${name} is listed and has both examples`, () => {
    assert.ok(index.includes(`(${name}.md)`));
    assert.ok(bad !== undefined && good !== undefined);
  });

  test(`the bad example of ${name} is found by it alone`, async () => {
    assert.equal(namesIn(await lint(name, bad!)), [name]);
  });

  test(`the good example of ${name} is clean`, async () => {
    const report = await lint(name, good!);
    assert.equal(namesIn(report), []);
    assert.equal(report.errors, []);
  });
}

test.run();

/** Comments in an example say what is around it. */
async function lint(name: string, example: string): Promise<LintReport> {
  const body = /^\s*FROM/im.test(example) ? example : `FROM alpine:3.22\n${example}`;
  const ignored = /^# \.dockerignore: \*(\S+)/m.exec(example)?.[1];
  const settings = /^# \.hadolint\.yaml: (.*)/m.exec(example)?.[1];
  const platform = /--platform=linux\/(\w+)/.exec(/^#.*$/m.exec(example)?.[0] ?? '')?.[1];
  const changes = {
    ...(ignored === undefined ? {} : { isIgnored: (path: string) => path.endsWith(ignored) }),
    ...(platform === undefined ? {} : { platform: { os: 'linux', architecture: platform } }),
  };
  const part = settings === undefined ? undefined : mergeSettings(await readSettingsText(settings), {});
  return lintText(`# check=experimental=${name}\n${body}`, changes, part);
}

function namesIn({ findings }: LintReport): readonly string[] {
  return [...new Set(findings.map(({ rule }) => rule.name))];
}
