import {
  chmodSync,
  existsSync,
  lchownSync,
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
import { makeNode } from '../../src/host/index.ts';
import { type CommandResult, mkimageIn, run } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

// Pipes, devices and links where a file is expected: nothing waits for ever, nothing is read or written elsewhere.
const test = suite('places that are no plain files');
const asRoot = withNeeds(test, { root: true });
const root = tempDir('places');
const mkimage = mkimageIn(join(root, 'store'));
const NOBODY = 65534;
const pipe = join(root, 'pipe');
makeNode(pipe, 0o010600, { major: 0, minor: 0 });
const folder = contextOf('context');

function contextOf(name: string): string {
  const made = join(root, name);
  mkdirSync(made);
  writeFileSync(join(made, 'Dockerfile'), 'FROM scratch\nCOPY text /text\n');
  writeFileSync(join(made, 'text'), 'text\n');
  return made;
}

/** Interrupted after a while, and killed if that did not end it. */
async function interrupted(args: readonly string[], seconds = 2): Promise<CommandResult> {
  const program = ['-s', 'INT', '-k', '3', String(seconds), process.execPath, 'dist/cli.js', ...args];
  return run('timeout', program, { env: { MKIMAGE_ROOT: join(root, 'store/root') } });
}

test('a secret that is a device, a folder or too large is an error at once', async () => {
  const large = join(root, 'large');
  writeFileSync(large, Buffer.alloc(512_001));
  for (const [path, code, why] of [
    ['/dev/zero', 2, 'it is a device, not a file'],
    [root, 2, 'it is a directory, not a file'],
    [large, 1, 'is larger than 500 KiB'],
  ] as const) {
    const result = await mkimage(['build', '-q', '--secret', `id=a,src=${path}`, folder]);
    assert.is(result.code, code, result.stderr);
    assert.ok(result.stderr.includes(why), result.stderr);
  }
});

test('a secret of a pipe is not waited for by a build that needs none', async () => {
  const shell = (writer: string) =>
    `MKIMAGE_ROOT=${root}/store/root ${process.execPath} dist/cli.js build -q --secret id=a,src=<(${writer}) ${folder}`;
  for (const writer of ['sleep 0.3; echo token', 'cat /dev/zero', 'true']) {
    const result = await run('bash', ['-c', shell(writer)]);
    assert.is(result.code, 0, result.stderr);
  }
});

test('build files and ignore files that are pipes or devices are refused', async () => {
  for (const file of [pipe, '/dev/zero']) {
    const { code, stderr } = await mkimage(['build', '-q', '-f', file, folder]);
    assert.is(code, 2);
    assert.match(stderr, /it is a (pipe|device), not a file/);
  }
  const context = contextOf('pipe-ignore');
  makeNode(join(context, '.dockerignore'), 0o010600, { major: 0, minor: 0 });
  const { code, stderr } = await mkimage(['build', '-q', context]);
  assert.is(code, 2);
  assert.match(stderr, /\.dockerignore`: it is a pipe, not a file/);
});

test('an endless build file on standard input ends with an error, and a silent one at a signal', async () => {
  const cli = `env MKIMAGE_ROOT=${root}/store/root ${process.execPath} dist/cli.js build -q`;
  const endless = await run('sh', ['-c', `cat /dev/zero | ${cli} -f - ${folder}`]);
  assert.match(endless.stderr, /build file from standard input: it has more than \d+ bytes/);
  for (const args of [`-f - ${folder}`, '-']) {
    const silent = await run('sh', ['-c', `sleep 8 | timeout -s INT -k 3 1 ${cli} ${args}; echo $?`]);
    assert.is(silent.stdout, '124\n', silent.stderr);
    assert.match(silent.stderr, /cancelled/);
  }
});

test('a pipe without a reader or a writer does not keep a signal from being heard', async () => {
  for (const args of [
    ['build', '-q', '-o', `type=oci,dest=${pipe}`, folder],
    ['load', '-i', pipe],
  ]) {
    const { code, stderr } = await interrupted(args);
    assert.is(code, 124, stderr);
    assert.match(stderr, /cancelled/);
  }
});

test('an archive goes through a pipe, out and in', async () => {
  const cli = `MKIMAGE_ROOT=${root}/store/root ${process.execPath} dist/cli.js`;
  const out = `${cli} build -q -o type=oci,dest=${pipe} ${folder} & sleep 1; cat ${pipe} > ${root}/out.tar; wait`;
  assert.is((await run('sh', ['-c', out])).code, 0);
  const loaded = await run('bash', ['-c', `${cli} load -i <(cat ${root}/out.tar)`]);
  assert.is(loaded.code, 0, loaded.stderr);
  assert.match(loaded.stdout, /Loaded image/);
});

test('result files replace no device and no pipe', async () => {
  for (const flag of ['--iidfile', '--metadata-file']) {
    for (const file of [pipe, '/dev/null', '/dev/stdout']) {
      const { code, stderr } = await mkimage(['build', '-q', flag, file, folder]);
      assert.is(code, 2);
      assert.match(stderr, /it exists and is not a file/);
    }
  }
  assert.ok(lstatSync(pipe).isFIFO() && lstatSync('/dev/null').isCharacterDevice());
});

test('a link in the place of a result file is replaced, and what it leads to stays', async () => {
  const precious = join(root, 'precious');
  const iidfile = join(root, 'iid');
  writeFileSync(precious, 'precious');
  symlinkSync(precious, iidfile);
  const { code, stdout } = await mkimage(['build', '-q', '--iidfile', iidfile, folder]);
  assert.is(code, 0);
  assert.is(readFileSync(iidfile, 'utf8'), stdout.trim());
  assert.ok(lstatSync(iidfile).isFile());
  assert.is(readFileSync(precious, 'utf8'), 'precious');
});

asRoot('links that another user put into a folder for all are not followed by any output', async () => {
  const shared = join(root, 'shared');
  const victim = join(root, 'victim');
  for (const directory of [shared, victim]) mkdirSync(directory);
  writeFileSync(join(victim, 'file'), 'precious');
  chmodSync(shared, 0o1777);
  for (const [name, target] of [
    ['file', join(victim, 'file')],
    ['folder', victim],
    ['new', join(victim, 'new')],
  ] as const) {
    symlinkSync(target, join(shared, name));
    lchownSync(join(shared, name), NOBODY, NOBODY);
  }
  makeNode(join(shared, 'pipe'), 0o010666, { major: 0, minor: 0 });
  lchownSync(join(shared, 'pipe'), NOBODY, NOBODY);
  const piped = await mkimage(['build', '-q', '-o', `type=oci,dest=${shared}/pipe`, folder]);
  assert.match(piped.stderr, /another user put the pipe/);
  for (const args of [
    ['-o', `type=oci,dest=${shared}/file`],
    ['-o', `type=tar,dest=${shared}/new`],
    ['-o', `type=oci,dest=${shared}/folder/a.tar`],
    ['-o', `type=local,dest=${shared}/folder`],
    ['-o', `type=local,dest=${shared}/new`],
    ['-o', `type=oci,tar=false,dest=${shared}/folder`],
    ['--iidfile', `${shared}/folder/iid`],
    ['--metadata-file', `${shared}/folder/metadata`],
  ]) {
    const { code, stderr } = await mkimage(['build', '-q', ...args, folder]);
    assert.is(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, /another user put the link/);
  }
  assert.is(readFileSync(join(victim, 'file'), 'utf8'), 'precious');
  for (const name of ['a.tar', 'iid', 'metadata', 'text']) assert.not(existsSync(join(victim, name)));
  assert.is(statSync(victim).nlink, 2);
});

test('a build file or ignore file that is found and leads out of the context shows nothing of what is there', async () => {
  const outside = join(root, 'outside');
  writeFileSync(outside, 'root:TOPSECRET:1\n[x\n');
  const [one, two] = [join(root, 'link-one'), contextOf('link-two')];
  mkdirSync(one);
  symlinkSync(outside, join(one, 'Dockerfile'));
  symlinkSync(outside, join(two, '.dockerignore'));
  for (const command of [['build', '-q'], ['lint'], ['build', '--check'], ['build', '--call=outline']]) {
    for (const context of [one, two]) {
      if (context === two && command.includes('--call=outline')) continue;
      const { code, stdout, stderr } = await mkimage([...command, context]);
      assert.is(code, 2, stderr);
      assert.match(stderr, /the link leads out of the context/);
      assert.not.match(stdout + stderr, /TOPSECRET/);
    }
  }
});

test('a build file that the user names may be a link to anywhere, and a found one a link inside', async () => {
  const elsewhere = join(root, 'Elsewhere');
  writeFileSync(elsewhere, 'FROM scratch\nCOPY text /text\n');
  const context = contextOf('named');
  symlinkSync(elsewhere, join(context, 'Other'));
  assert.is((await mkimage(['build', '-q', '-f', join(context, 'Other'), context])).code, 0);
  mkdirSync(join(context, 'docker'));
  writeFileSync(join(context, 'docker/File'), 'FROM scratch\nCOPY text /text\n');
  writeFileSync(join(context, 'docker/ignore'), 'text\n');
  symlinkSync('docker/File', join(context, 'Containerfile'));
  symlinkSync('docker/ignore', join(context, '.containerignore'));
  const { code, stderr } = await mkimage(['build', '-q', '-f', 'Containerfile', '.'], { cwd: context });
  assert.is.not(code, 0);
  assert.match(stderr, /\.containerignore:1/);
});

test('a store inside the context is left out of it, with a warning, unless an ignore file names it', async () => {
  const context = contextOf('around-store');
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /src\n');
  const env = { MKIMAGE_ROOT: join(context, '.cache/store') };
  const dest = join(root, 'around');
  const args = ['build', '--progress=plain', '-o', `type=local,dest=${dest}`, context];
  assert.is((await mkimage(args, { env })).code, 0);
  const { stderr } = await mkimage(args, { env });
  assert.match(stderr, /CACHED/);
  assert.is(stderr.match(/the context contains the store `\.cache\/store`; it is left out/g)?.length, 1);
  assert.equal(readdirSync(join(dest, 'src/.cache')), []);
  const listed = await mkimage(['context', 'ls', context], { env });
  assert.not.match(listed.stdout, /images/);
  writeFileSync(join(context, '.dockerignore'), '.cache\n');
  assert.not.match((await mkimage(args, { env })).stderr, /left out/);
  const named = ['build', '-q', '--build-context', `all=${context}`, '-f', '-', folder];
  const copied = await mkimage(named, { env, input: 'FROM scratch\nCOPY --from=all . /all\n' });
  assert.is(copied.code, 0, copied.stderr);
});

test.run();
