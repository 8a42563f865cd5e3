/** mkimage builds its own image for CI, and builds in it, in a container that grants nothing. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('an image for CI');
const needs = withNeeds(test, { root: true, programs: ['mmdebstrap', 'podman', 'runc'] });
const IMAGE = 'localhost/ci-image:latest';
/** This machine may forbid to raise limits, which Podman would do. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const NOTHING = ['--cap-drop=ALL', '--security-opt', 'no-new-privileges', '--user', '1000'];

interface Container {
  readonly podman: (...args: readonly string[]) => Promise<string>;
  /** Runs mkimage in a new container. `/work` is the context. */
  readonly mkimage: (options: readonly string[], ...args: readonly string[]) => Promise<string>;
}

let prepared: Promise<Container> | undefined;
const prepare = (): Promise<Container> => {
  prepared ??= makeImage();
  return prepared;
};

async function makeImage(): Promise<Container> {
  const place = tempDir('ci');
  const context = join(place, 'context');
  cpSync('fixtures/ci-image', context, { recursive: true });
  const packages = ['--variant=minbase', '--quiet', '--include=ca-certificates,git'];
  await succeed('mmdebstrap', [...packages, 'bookworm', join(context, 'rootfs.tar')]);
  cpSync(process.execPath, join(context, 'node'));
  for (const part of ['dist', 'package.json', 'node_modules/@koromix', 'node_modules/@bokuweb']) {
    cpSync(join(process.cwd(), part), join(context, 'mkimage', part), { recursive: true });
  }
  const archive = join(place, 'ci.tar');
  const built = await mkimageIn(join(place, 'store'))([
    'build',
    '-t',
    IMAGE,
    '-o',
    `type=docker,dest=${archive}`,
    context,
  ]);
  assert.is(built.code, 0, built.stderr.slice(-3000));
  const work = join(place, 'work');
  mkdirSync(work);
  cpSync(join(context, 'rootfs.tar'), join(work, 'rootfs.tar'));
  writeFileSync(join(work, 'Dockerfile'), `FROM scratch\nADD rootfs.tar /\nRUN ${INSTALL}\n`);
  writeFileSync(join(work, 'Plainfile'), 'FROM scratch\nADD rootfs.tar /\nCOPY Plainfile /\n');
  chmodSync(work, 0o755);
  const storage = tempDir('podman');
  const folders = ['--root', `${storage}/root`, '--runroot', `${storage}/run`, '--storage-driver', 'vfs'];
  const podman = async (...args: readonly string[]) => {
    const { stdout, stderr } = await promisify(execFile)('podman', [...folders, '--runtime', 'runc', ...args], {
      maxBuffer: 1 << 26,
    });
    return stdout + stderr;
  };
  await podman('load', '-q', '-i', archive);
  const start = ['run', '--rm', '--network=host', ...LIMITS, '-v', `${work}:/work:ro`];
  return { podman, mkimage: (options, ...args) => podman(...start, ...options, IMAGE, 'mkimage', ...args) };
}

const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends tree && tree --version';

needs('starts as an ordinary user with a shell, git and certificates', async () => {
  const { podman } = await prepare();
  const script = 'id -u; git --version; test -s /etc/ssl/certs/ca-certificates.crt && echo certificates';
  const said = await podman('run', '--rm', ...LIMITS, IMAGE, 'sh', '-c', script);
  assert.match(said, /^1000\ngit version .*\ncertificates\n/);
});

needs('installs a package with apt-get in a container without any privilege, and says that it is weaker', async () => {
  const { mkimage } = await prepare();
  const said = await mkimage(NOTHING, 'build', '--isolation=chroot', '/work');
  assert.match(said, 'Setting up tree');
  assert.match(said, /tree v\d/);
  assert.match(said, 'WARNING: RUN has the isolation `chroot`');
});

needs('does the same as root of a container with the default capabilities', async () => {
  const { mkimage } = await prepare();
  const said = await mkimage(['--user', '0', '-e', 'HOME=/root'], 'build', '--isolation=chroot', '/work');
  assert.match(said, /tree v\d/);
});

needs('builds without RUN in such a container with no flag', async () => {
  const { mkimage } = await prepare();
  const said = await mkimage(NOTHING, 'build', '-f', '/work/Plainfile', '/work');
  assert.match(said, /sha256:[0-9a-f]{64}/);
  assert.not.match(said, 'WARNING');
});

test.run();
