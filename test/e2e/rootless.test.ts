/** An ordinary user builds, with and without subordinate ids, and gets the image that root gets. */
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { createOrdinaryUser, FIRST_ID, type OrdinaryUser, USER } from '../support/ordinary-user.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('rootless');
const needs = withNeeds(test, { root: true, programs: ['busybox', 'newuidmap', 'unshare', 'setpriv'] });
const env = { SOURCE_DATE_EPOCH: '1700000000' };

const users: Record<string, OrdinaryUser> = {};
const userWith = (ranges: boolean): OrdinaryUser => {
  users[String(ranges)] ??= createOrdinaryUser({ ranges });
  return users[String(ranges)]!;
};

/** A context that the user may read. */
function contextOf(user: OrdinaryUser, name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(user.place, name);
  mkdirSync(directory);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

let archive: string | undefined;

/** A root with files of other users, as a tar: the owners must be the same in the image of every user. */
async function baseIn(directory: string): Promise<void> {
  archive ??= await packBase();
  cpSync(archive, join(directory, 'base.tar'));
}

async function packBase(): Promise<string> {
  const place = tempDir('base');
  const root = makeBusyboxRoot(join(place, 'root'));
  writeFileSync(join(root, 'mail'), 'text', { mode: 0o640 });
  const script = 'chown 8:12 mail; chmod 1777 tmp; mknod device c 1 3; cp bin/busybox setuid; chmod 4755 setuid';
  await succeed('sh', ['-c', script], { cwd: root });
  await succeed('tar', ['-cf', join(place, 'base.tar'), '--mtime=@1600000000', '-C', root, '.']);
  return join(place, 'base.tar');
}

const STEPS = `FROM scratch
ADD base.tar /
RUN echo changed >>/mail; echo new >/new; ln new hard; ln -s new soft; chmod 4711 /setuid; mkfifo pipe
RUN --mount=type=cache,target=/cache echo cached >/cache/file; rm -rf /home
`;

async function digestsOf(
  user: OrdinaryUser,
  context: string,
  flags: readonly string[] = [],
): Promise<readonly string[]> {
  const root = mkimageIn(tempDir('root-store'));
  const results = [await root(['build', context], { env }), await user.mkimage(['build', ...flags, context], { env })];
  for (const { code, stderr } of results) assert.is(code, 0, stderr);
  return results.map(({ stdout }) => stdout);
}

for (const ranges of [true, false]) {
  const whose = ranges ? 'a user with subordinate ids' : 'a user without subordinate ids';

  needs(`${whose} builds the same image as root, with files of all owners`, async () => {
    const user = userWith(ranges);
    const context = contextOf(user, 'owners', { Dockerfile: STEPS });
    await baseIn(context);
    const [asRoot, asUser] = await digestsOf(user, context);
    assert.is(asUser, asRoot);
  });

  needs(`the first command of the README works for ${whose}`, async () => {
    const user = userWith(ranges);
    const context = join(user.place, 'hello');
    cpSync('fixtures/hello', context, { recursive: true });
    cpSync('/bin/busybox', join(context, 'busybox'));
    const { code, stderr } = await user.mkimage(['build', '-t', 'hello', context], { env });
    assert.is(code, 0, stderr);
    const [asRoot, asUser] = await digestsOf(user, context);
    assert.is(asUser, asRoot);
    assert.match((await user.mkimage(['images'])).stdout, 'hello');
  });
}

needs('a step may give files to users of the range, and run as one', async () => {
  const user = userWith(true);
  const context = contextOf(user, 'chown', {
    Dockerfile: `FROM scratch\nADD base.tar /\nRUN echo a >a; chown 33:44 a\nUSER 1000\nRUN id -u >/tmp/b\n`,
  });
  await baseIn(context);
  const [asRoot, asUser] = await digestsOf(user, context);
  assert.is(asUser, asRoot);
});

const ALL_KINDS = `FROM scratch
ADD base.tar /
RUN echo a >a; chown 33:44 a; chmod 4750 a; mknod node c 1 3; mkfifo pipe; ln a hard; ln -s a soft; mkdir -p d/e; mv d f
RUN test "$(id -u)" = 0 && test "$(stat -c %u:%g:%a /mail)" = 8:12:640 && rm -rf /home && chmod 000 /mail && echo b >>/mail
RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/t echo x >/cache/x; echo y >/t/y; cat /etc/hosts >/dev/null
USER 1000:1001
RUN id -u >/tmp/user; cd /tmp; readlink /proc/self/exe >exe; pwd >>exe
`;

needs('with the isolation chroot, a user without any namespace builds the same image as root', async () => {
  const user = userWith(false);
  const context = contextOf(user, 'traced', { Dockerfile: ALL_KINDS });
  await baseIn(context);
  const [asRoot, asUser] = await digestsOf(user, context, ['--isolation=chroot']);
  assert.is(asUser, asRoot);
});

needs('the isolation chroot says that it is weaker, and root gets the same image with it', async () => {
  const context = contextOf(userWith(false), 'traced-root', { Dockerfile: ALL_KINDS });
  await baseIn(context);
  const results = await Promise.all(
    ['namespaces', 'chroot'].map((isolation) =>
      mkimageIn(tempDir(isolation))(['build', `--isolation=${isolation}`, context], { env }),
    ),
  );
  assert.match(results[1]!.stderr, 'WARNING: RUN has the isolation `chroot`');
  assert.is(results[1]!.stdout, results[0]!.stdout, results[1]!.stderr);
});

needs('without subordinate ids, a step as another user is refused with what to install', async () => {
  const user = userWith(false);
  const context = contextOf(user, 'other', { Dockerfile: 'FROM scratch\nADD base.tar /\nUSER 1000\nRUN true\n' });
  await baseIn(context);
  const { code, stderr } = await user.mkimage(['build', context]);
  assert.is.not(code, 0);
  assert.match(stderr, 'start step: the user 1000 does not exist here');
  assert.match(stderr, 'hint: install the package uidmap');
});

needs('a build without RUN starts no namespace', async () => {
  const user = userWith(true);
  const context = contextOf(user, 'plain', { Dockerfile: '# no steps\nFROM scratch\nCOPY Dockerfile /\n' });
  const { stderr } = await user.mkimage(['build', '--log-level=debug', context]);
  assert.match(stderr, 'debug');
  assert.not.match(stderr, 'user namespace');
});

needs('files of steps are measured and removed, whoever they belong to inside', async () => {
  const user = userWith(true);
  const store = join(user.home, '.local/share/mkimage');
  assert.ok(
    readdirSync(join(store, 'snapshots-v1')).includes('overlay') || existsSync(join(store, 'snapshots-v1/native')),
  );
  assert.is(lstatSync(store).uid, USER);
  assert.is((await user.mkimage(['du'])).code, 0);
  const { code, stderr } = await user.mkimage(['prune', '--all', '--cache-mounts', '--force']);
  assert.is(code, 0, stderr);
  const left = await succeed('find', [store, '-uid', `+${FIRST_ID - 1}`]);
  assert.is(left, '');
});

needs('an exported directory belongs to the user', async () => {
  const user = userWith(true);
  const context = contextOf(user, 'local', { Dockerfile: 'FROM scratch\nADD base.tar /\nRUN chown 33 /mail\n' });
  await baseIn(context);
  const dest = join(user.home, 'exported');
  const { code, stderr } = await user.mkimage(['build', '-o', `type=local,dest=${dest}`, context]);
  assert.is(code, 0, stderr);
  assert.is(lstatSync(join(dest, 'mail')).uid, USER);
});

test.run();
