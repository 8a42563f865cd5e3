import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../../support/mkimage.ts';
import { tempDir } from '../../support/temp.ts';

/** `.hadolint.yaml` and HADOLINT_* count for `mkimage lint`. */
const test = suite("mkimage lint with hadolint's settings");
const root = tempDir('lint-settings');
const mkimage = mkimageIn(root);
const HOME = join(root, 'nobody');
const TEXT = 'FROM scratch\nMAINTAINER me\nCOPY a b /c\nUSER app\n';

function folder(name: string, settings?: string, text = TEXT): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, 'Dockerfile'), text);
  if (settings !== undefined) writeFileSync(join(path, '.hadolint.yaml'), settings);
  return path;
}

async function lint(cwd: string, env: Record<string, string> = {}, ...args: readonly string[]) {
  const { code, stdout, stderr } = await mkimage(['lint', '--format=gnu', ...args], { cwd, env: { HOME, ...env } });
  const found = [...stdout.matchAll(/: (\S+) (\w+): /g)].map((match) => `${match[1]} ${match[2]}`);
  return { code, found, stdout, stderr };
}

test('without settings all findings count', async () => {
  const { code, found } = await lint(folder('none'));
  assert.equal([code, found], [3, ['DL4000 error', 'DL3021 error']]);
});

test('ignored checks are not told, by code or by name', async () => {
  const path = folder('ignored', 'ignored:\n  - DL4000\n  - CopyToFileName\n');
  assert.equal(await lint(path), { code: 0, found: [], stdout: '', stderr: '' });
});

test('levels are overridden, and the threshold decides about the exit code', async () => {
  const settings = 'failure-threshold: warning\noverride:\n  info: [DL4000]\n  style: [DL3021]\n';
  const path = folder('levels', settings);
  assert.equal((await lint(path)).found, ['DL4000 info', 'DL3021 style']);
  assert.is((await lint(path)).code, 0);
  assert.is((await lint(path, { HADOLINT_FAILURE_THRESHOLD: 'style' })).code, 3);
  assert.is((await lint(path, {}, '--fail-on=info')).code, 3);
  const { stdout } = await mkimage(['lint'], { cwd: path, env: { HOME } });
  assert.match(stdout, /Dockerfile:2:1: info: [\s\S]*Dockerfile:3:1: style: /);
});

test('a check by request that is given a level is asked for', async () => {
  const path = folder('asked', 'ignored: [DL4000, DL3021]\noverride:\n  info: [DL3066]\n');
  assert.equal((await lint(path)).found, ['DL3066 info']);
});

test('no-fail ends with 0, unless the command line says otherwise', async () => {
  const path = folder('no-fail', 'no-fail: true\n');
  assert.is((await lint(path)).code, 0);
  assert.is((await lint(path, {}, '--fail-on=warning')).code, 3);
});

test('the format of the settings is taken if none is given', async () => {
  const path = folder('format', 'format: json\n');
  const { stdout } = await mkimage(['lint'], { cwd: path, env: { HOME } });
  assert.is(JSON.parse(stdout)[0].code, 'DL4000');
  const xml = await mkimage(['lint'], { cwd: path, env: { HOME, HADOLINT_FORMAT: 'checkstyle' } });
  assert.match(xml.stdout, /^<\?xml .*<checkstyle /);
});

test("hadolint's comments are not heeded where settings forbid them", async () => {
  const text = '# hadolint global ignore=DL3021\nFROM scratch\n# hadolint ignore=DL4000\nMAINTAINER me\nCOPY a b /c\n';
  assert.equal((await lint(folder('comments', undefined, text))).found, []);
  const { found } = await lint(folder('no-comments', 'disable-ignore-pragma: true\n', text));
  assert.equal(found, ['DL4000 error', 'DL3021 error']);
});

test('faults that are rules in hadolint can be ignored as there', async () => {
  const text = 'FROM scratch\n# hadolint ignore=DL3011\nEXPOSE 80000\n';
  assert.equal((await lint(folder('fault', undefined, text))).found, []);
});

test('settings are looked for in the working directory, then in the context, then at home; the first file counts', async () => {
  const path = folder('places');
  const settings = (...parts: readonly string[]) => {
    const file = join(root, ...parts);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `ignored: [DL4000]\n`);
  };
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  assert.is((await lint(elsewhere, {}, path)).found.length, 2);
  settings('home', '.config', 'hadolint.yaml');
  assert.is((await lint(elsewhere, { HOME: join(root, 'home') }, path)).found.length, 1);
  settings('home2', '.hadolint.yml');
  assert.is((await lint(elsewhere, { HOME: join(root, 'home2') }, path)).found.length, 1);
  settings('xdg', 'hadolint.yml');
  assert.is((await lint(elsewhere, { XDG_CONFIG_HOME: join(root, 'xdg') }, path)).found.length, 1);
  settings('places', '.hadolint.yml');
  assert.is((await lint(elsewhere, {}, path)).found.length, 1);
  writeFileSync(join(elsewhere, '.hadolint.yaml'), 'ignored: [DL4000, DL3021]\n');
  assert.is((await lint(elsewhere, {}, path)).found.length, 0);
  const named = await lint(elsewhere, {}, path, '--config', join(path, '.hadolint.yml'));
  assert.equal(named.found, ['DL3021 error']);
});

test('settings that cannot be read are told with their file', async () => {
  const path = folder('broken', 'ignored: 5\n');
  const { code, stderr } = await lint(path);
  assert.is(code, 2);
  assert.match(stderr, /^error: read `.*\.hadolint\.yaml`: `ignored` is no list of names\n$/);
  assert.match((await lint(path, {}, '--config=gone.yaml')).stderr, /read `gone\.yaml`: no such file/);
});

test('a pipe in the place of settings is not waited for, and a large file not read', async () => {
  const path = folder('pipe');
  execFileSync('mkfifo', [join(path, '.hadolint.yaml')]);
  assert.match((await lint(path)).stderr, /it is not a file/);
  const large = folder('large', '#'.repeat(70_000));
  assert.match((await lint(large)).stderr, /larger than 64 KiB/);
});

test.run();
