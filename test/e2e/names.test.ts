/** File names are bytes: 0xE9 alone is no UTF-8, and stands for all that are none. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('names that are not UTF-8');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'unshare'] });
const root = tempDir('names');
let count = 0;

const bytes = (text: string) => Buffer.from(text, 'latin1');

function context(lines: readonly string[]): string {
  const folder = join(root, `context-${++count}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  return folder;
}

/** Builds, and gives the root filesystem that comes out. */
async function built(folder: string, ...flags: string[]): Promise<string> {
  const mkimage = mkimageIn(join(root, `store-${count}`));
  const out = join(root, `out-${++count}`);
  const { code, stderr } = await mkimage(['build', '-o', `type=local,dest=${out}`, ...flags, folder]);
  assert.is(code, 0, stderr);
  // Again, from the cache and over what is there.
  assert.is((await mkimage(['build', '-o', `type=local,dest=${out}`, ...flags, folder])).code, 0);
  return out;
}

function namesBelow(folder: string, within = ''): readonly string[] {
  const found = readdirSync(bytes(join(folder, within)), { encoding: 'buffer' }).map((name) => name.toString('latin1'));
  return found.sort().flatMap((name) => {
    const path = within === '' ? name : `${within}/${name}`;
    return lstatSync(bytes(`${folder}/${path}`)).isDirectory() ? [`${path}/`, ...namesBelow(folder, path)] : [path];
  });
}

test('a context gives them: by wildcard, as directory, link, and past an ignore file that names them', async () => {
  const folder = context([
    'FROM scratch AS one',
    'COPY caf* /w/',
    'COPY d? /x/',
    'COPY . /all/',
    'FROM scratch',
    'COPY --from=one . /',
  ]);
  writeFileSync(bytes(`${folder}/caf\xe9`), 'x'.repeat(5000));
  writeFileSync(bytes(`${folder}/out\xe9`), 'hidden');
  writeFileSync(bytes(`${folder}/out\xe8`), 'seen');
  mkdirSync(bytes(`${folder}/d\xff`));
  writeFileSync(bytes(`${folder}/d\xff/\xfe`), 'y');
  symlinkSync(bytes('to\xe9'), bytes(`${folder}/l\xe9`));
  writeFileSync(join(folder, '.dockerignore'), bytes('Dockerfile\n.dockerignore\nout\xe9\n'));
  const out = await built(folder);
  assert.equal(namesBelow(out), [
    ...['all/', 'all/caf\xe9', 'all/d\xff/', 'all/d\xff/\xfe', 'all/l\xe9', 'all/out\xe8'],
    ...['w/', 'w/caf\xe9', 'x/', 'x/\xfe'],
  ]);
  assert.is(readFileSync(bytes(`${out}/all/caf\xe9`), 'utf8'), 'x'.repeat(5000));
  assert.is(readlinkSync(bytes(`${out}/all/l\xe9`), { encoding: 'buffer' }).toString('latin1'), 'to\xe9');
});

asRoot('a step leaves, links, changes and removes them', async () => {
  const folder = context([
    'FROM scratch',
    'COPY --chmod=755 busybox /bin/busybox',
    'SHELL ["/bin/busybox", "sh", "-ec"]',
    String.raw`RUN e=$(printf '\351'); mkdir -p /d/$e/in /d/gone$e; echo one >/d/$e/in/$e; echo two >/d/go$e; ln /d/$e/in/$e /d/hard$e; ln -s t$e /d/soft$e`,
    String.raw`RUN e=$(printf '\351'); echo more >>/d/$e/in/$e; rm -r /d/gone$e /d/go$e; chmod 600 /d/hard$e; mv /d/soft$e /d/moved$e`,
    String.raw`RUN e=$(printf '\351'); rm -r /d/$e/in; mkdir /d/$e/in; echo three >/d/$e/in/new$e`,
    'FROM scratch',
    'COPY --from=0 /d /',
  ]);
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  const out = await built(folder);
  assert.equal(namesBelow(out), ['hard\xe9', 'moved\xe9', '\xe9/', '\xe9/in/', '\xe9/in/new\xe9']);
  assert.is(readlinkSync(bytes(`${out}/moved\xe9`), { encoding: 'buffer' }).toString('latin1'), 't\xe9');
  assert.is(lstatSync(bytes(`${out}/hard\xe9`)).mode & 0o777, 0o600);
});

asRoot('a bind mount and a cache mount have them', async () => {
  const folder = context([
    'FROM scratch',
    'COPY --chmod=755 busybox /bin/busybox',
    'SHELL ["/bin/busybox", "sh", "-ec"]',
    String.raw`RUN --mount=target=/ctx --mount=type=cache,target=/c e=$(printf '\351'); cp /ctx/sub/caf$e /c/x$e; cat /c/x$e >/got`,
    'RUN --mount=source=link,target=/file --mount=source=dir,target=/d cat /file /d/* >>/got',
    'FROM scratch',
    'COPY --from=0 /got /',
  ]);
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(bytes(`${folder}/sub/caf\xe9`), 'bound');
  symlinkSync(bytes('sub/caf\xe9'), join(folder, 'link'));
  mkdirSync(bytes(`${folder}/d\xff`));
  writeFileSync(bytes(`${folder}/d\xff/x`), 'inside');
  symlinkSync(bytes('d\xff'), join(folder, 'dir'));
  assert.is(readFileSync(join(await built(folder), 'got'), 'utf8'), 'boundboundinside');
});

withNeeds(test, { programs: ['tar'] })('an archive has them, as a context and unpacked by ADD', async () => {
  const folder = context(['FROM scratch', 'ADD a.tar /un/', 'COPY sub /c/']);
  mkdirSync(join(folder, 'sub'));
  writeFileSync(bytes(`${folder}/sub/caf\xe9`), 'x');
  execFileSync('tar', ['-cf', 'a.tar', 'sub'], { cwd: folder });
  assert.equal(namesBelow(await built(folder)), ['c/', 'c/caf\xe9', 'un/', 'un/sub/', 'un/sub/caf\xe9']);
  const whole = execFileSync('tar', ['-c', '.'], { cwd: folder });
  const mkimage = mkimageIn(join(root, `store-${++count}`));
  const out = join(root, `out-${count}`);
  const { code, stderr } = await mkimage(['build', '-o', `type=local,dest=${out}`, '-'], { input: whole });
  assert.is(code, 0, stderr);
  assert.equal(namesBelow(out), ['c/', 'c/caf\xe9', 'un/', 'un/sub/', 'un/sub/caf\xe9']);
});

test.run();
