import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDocument } from 'yaml';
import { sectionsOf } from '../../tools/release/changelog.ts';
import { run } from '../support/mkimage.ts';

/** What a release is made of: CHANGELOG.md, the version, the workflows. */
const test = suite('releases');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const sections = sectionsOf(readFileSync('CHANGELOG.md', 'utf8'));

function notesFor(tag: string) {
  return run(process.execPath, ['--import', 'tsx', 'tools/release/notes.ts', tag]);
}

test('the changelog begins with what is not released, then has the version of the package', () => {
  assert.equal(
    sections.slice(0, 2).map((section) => section.version),
    ['Unreleased', version],
  );
  assert.ok(sections.slice(1).every(({ date, notes }) => date !== undefined && notes !== ''));
});

test('a heading without a date is refused', () => {
  assert.throws(() => sectionsOf('# Changelog\n\n## [Unreleased]\n\n## [1.2.3]\n\n- a\n'), /`## \[1\.2\.3\]`/);
});

test('the notes of a release are its section', async () => {
  const { code, stdout } = await notesFor(`v${version}`);
  assert.is(code, 0);
  assert.is(stdout, `${sections[1]?.notes}\n`);
});

test('a tag that is not the version of the package has no notes', async () => {
  for (const tag of [version, 'v0.0.1', '']) {
    const { code, stderr } = await notesFor(tag);
    assert.is(code, 1);
    assert.match(stderr, `is not \`v${version}\``);
  }
});

test('the program says the version of the package', async () => {
  assert.is((await run(process.execPath, ['dist/cli.js', '--version'])).stdout, `mkimage ${version}\n`);
});

test('a release is tested as every change is', () => {
  const workflow = (name: string) => {
    const document = parseDocument(readFileSync(`.github/workflows/${name}.yml`, 'utf8'));
    assert.equal(document.errors, []);
    return document.toJS().jobs;
  };
  assert.ok(workflow('ci').test.steps.some(({ run }: { run?: string }) => run === '.ci/run'));
  const { test: tested, publish } = workflow('release');
  assert.is(tested.uses, './.github/workflows/ci.yml');
  assert.is(publish.needs, 'test');
});

test.run();
