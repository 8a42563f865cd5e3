import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';
import { packPackage } from './packed.ts';

/** The packed package on a machine that has Debian's essential packages and Node, and nothing else: no compiler, no network. */
const test = suite('the package on a bare Debian');
const onDebian = withNeeds(test, { root: true, programs: ['mmdebstrap', 'busybox', 'unshare', 'chroot', 'npm'] });
const root = join(tempDir('debian'), 'root');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Runs in the root, in namespaces of its own: what it mounts there goes with it. */
function inRoot(command: string): Promise<CommandResult> {
  const enter = `mount --bind ${root} ${root} && mount -t proc proc ${root}/proc && exec chroot ${root} /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin sh -c '${command}'`;
  return run('unshare', ['--mount', '--pid', '--net', '--fork', 'sh', '-c', enter]);
}

async function makeRoot(): Promise<void> {
  await succeed('mmdebstrap', ['--variant=minbase', '--quiet', 'bookworm', root]);
  copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
  const prefix = join(root, 'usr/local');
  const install = ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund'];
  await succeed('npm', [...install, '--prefer-offline', await packPackage()]);
  const context = join(root, 'hello');
  cpSync('fixtures/hello', context, { recursive: true });
  copyFileSync(programPath('busybox') ?? '', join(context, 'busybox'));
  chmodSync(join(context, 'busybox'), 0o755);
}

onDebian('says its version and builds an image', async () => {
  await makeRoot();
  const said = await inRoot('mkimage --version');
  assert.equal([said.code, said.stdout, said.stderr], [0, `mkimage ${version}\n`, '']);
  const built = await inRoot('mkimage build --progress=plain -t hello /hello');
  assert.is(built.code, 0, built.stderr);
  assert.match(built.stdout, /^sha256:[0-9a-f]{64}\n$/);
  assert.is((await inRoot('command -v gcc cc make python3')).stdout, '');
});

onDebian('is a library there, too', async () => {
  const program =
    "import { parseBuildFile } from 'mkimage/parser'; console.log(parseBuildFile('FROM scratch').instructions[0].kind);";
  mkdirSync(join(root, 'srv/program'), { recursive: true });
  writeFileSync(join(root, 'srv/program/a.mjs'), program);
  const found = await inRoot(
    'mkdir -p /srv/node_modules && ln -s /usr/local/lib/node_modules/mkimage /srv/node_modules/ && node /srv/program/a.mjs',
  );
  assert.equal([found.code, found.stdout], [0, 'from\n'], found.stderr);
});

test.run();
