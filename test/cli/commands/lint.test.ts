import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../../support/mkimage.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('mkimage lint');
const root = tempDir('lint');
const mkimage = mkimageIn(root);

function folder(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, 'Dockerfile'), text);
  return path;
}

test('says what would mend a finding', async () => {
  const { stdout } = await mkimage(['lint', folder('hints', 'FROM scratch\nADD a.jar /b\nexpose 1\n')]);
  assert.match(stdout, /fix: write `COPY`\nhint: see `mkimage lint --explain AddInsteadOfCopy`/);
  assert.match(stdout, /2 warnings found\n1 of them can be fixed with `--fix`\n$/);
});

test('takes the build file of the working directory, and ends with 3 for a finding', async () => {
  const cwd = folder('here', 'FROM scratch\nCOPY a b /c\n');
  const { code, stdout } = await mkimage(['lint'], { cwd });
  assert.is(code, 3);
  assert.match(stdout, /Dockerfile:2:1: warning: .*\(CopyToFileName\)/);
  assert.match(stdout, /1 warning found/);
  assert.is((await mkimage(['lint', '--fail-on=error'], { cwd })).code, 0);
});

test('ends with 0 for a file that nothing is said of', async () => {
  const { code, stdout } = await mkimage(['lint', folder('clean', 'FROM scratch\nCOPY a b /c/\n')]);
  assert.equal([code, stdout], [0, 'check complete: no warnings found\n']);
});

test('says which bases it has not seen', async () => {
  const { stderr } = await mkimage(['lint', folder('unseen', 'FROM example.com/a:1\n')]);
  assert.is(stderr, 'note: `example.com/a:1` is not in the local store; its config is assumed to set only PATH\n');
});

test('shows errors of the file together with findings, in every format', async () => {
  const path = folder('broken', 'FROM scratch\nCOPPY a /b\nCOPY a b /c\n');
  const text = await mkimage(['lint', path]);
  assert.is(text.code, 3);
  assert.match(text.stdout, /unknown-instruction[\s\S]*1 error and 1 warning found/);
  const codes = JSON.parse((await mkimage(['lint', '--format=hadolint', path])).stdout);
  assert.equal(
    codes.map(({ code }: { code: string }) => code),
    ['unknown-instruction', 'DL3021'],
  );
  assert.is((await mkimage(['lint', '--fail-on=error', path])).code, 3);
  assert.is((await mkimage(['lint', '--fail-on=never', path])).code, 0);
});

test('mends what is safe, keeps the mode, and reports the rest', async () => {
  const path = folder('mend', '\ufefffrom scratch as Base\r\nMAINTAINER me\r\nENV a b\r\nEXPOSE 1/TCP\r\n');
  const file = join(path, 'Dockerfile');
  chmodSync(file, 0o640);
  const { code, stdout, stderr } = await mkimage(['lint', '--fix', path]);
  assert.is(code, 3);
  assert.is(readFileSync(file, 'utf8'), '\ufeffFROM scratch AS base\r\nMAINTAINER me\r\nENV a=b\r\nEXPOSE 1/tcp\r\n');
  assert.is(statSync(file).mode & 0o777, 0o640);
  assert.equal(readdirSync(path), ['Dockerfile']);
  assert.match(stderr, /^fixed 4 findings in /);
  assert.match(stdout, /MaintainerDeprecated[\s\S]*1 warning found/);
});

test('mends the file that a symbolic link leads to', async () => {
  const path = folder('linked', 'FROM scratch\nenv A=b\n');
  const link = join(path, 'Link');
  symlinkSync('Dockerfile', link);
  assert.is((await mkimage(['lint', '--fix', '-f', link, path])).code, 0);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(readFileSync(join(path, 'Dockerfile'), 'utf8'), 'FROM scratch\nENV A=b\n');
});

test('mends nothing that comes from standard input', async () => {
  const { code, stderr } = await mkimage(['lint', '--fix', '-'], { input: 'from scratch\n' });
  assert.is(code, 2);
  assert.match(stderr, /not a file of this machine/);
});

test('makes the checks by request with --all', async () => {
  const path = folder('all', 'FROM scratch\nUSER app\n');
  assert.is((await mkimage(['lint', path])).code, 0);
  assert.match((await mkimage(['lint', '--all', path])).stdout, /NonNumericUser/);
});

test("a check of `build` keeps to BuildKit's, in every format", async () => {
  const path = folder('call', 'FROM scratch\nCOPY a b /c\nMAINTAINER me\n');
  for (const name of ['a', 'b']) writeFileSync(join(path, name), '');
  const json = JSON.parse((await mkimage(['build', '--call=check,format=json', path])).stdout);
  assert.equal(
    json.warnings.map(({ ruleName }: { ruleName: string }) => ruleName),
    ['MaintainerDeprecated'],
  );
  const hadolint = JSON.parse((await mkimage(['build', '--call=check,format=hadolint', path])).stdout);
  assert.equal(
    hadolint.map(({ code }: { code: string }) => code),
    ['DL4000'],
  );
  const sarif = JSON.parse((await mkimage(['build', '--call=check,format=sarif', path])).stdout);
  assert.is(sarif.runs[0].results.length, 1);
  assert.is((await mkimage(['build', '--call=outline,format=sarif', path])).code, 2);
});

test.run();
