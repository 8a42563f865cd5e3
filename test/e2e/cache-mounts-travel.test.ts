import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS_TOKEN, startActionsServer } from '../support/actions-server.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('cache mounts on other machines');
const asRoot = (...programs: readonly string[]) => withNeeds(test, { root: true, programs: ['busybox', ...programs] });
const root = tempDir('cache-mounts-travel');

let projects = 0;
let machines = 0;

/** A project whose step runs a script in the mount `objects`. */
function newProject() {
  const home = join(root, `project-${++projects}`);
  const folder = join(home, 'context');
  makeBusyboxRoot(join(folder, 'rootfs'));
  writeFileSync(
    join(folder, 'Dockerfile'),
    [
      'FROM scratch AS tools',
      'COPY rootfs /',
      'COPY script /',
      'RUN --mount=type=cache,id=objects,target=/objects --mount=type=cache,id=other,target=/other sh /script',
      '',
    ].join('\n'),
  );
  const build = async (script: string, flags: readonly string[], env: Record<string, string> = {}) => {
    writeFileSync(join(folder, 'script'), script);
    const machine = mkimageIn(join(root, `machine-${++machines}`), { env });
    const { code, stderr } = await machine(['build', '--progress=plain', '-t', 'app', ...flags, folder]);
    assert.is(code, 0, stderr);
    return stderr;
  };
  return { cache: join(home, 'cache'), build };
}

const LIST = 'echo "[$(ls /objects)] [$(cat /objects/* 2>/dev/null)]"\n';

async function travels(place: string, from = place, env: Record<string, string> = {}): Promise<void> {
  const { build } = newProject();
  await build('echo one >/objects/a', [`--cache-to=${place},mounts=all`], env);
  assert.match(await build(LIST, [`--cache-from=${from}`], env), /\[a\] \[one\]/);
}

asRoot()('are filled from a folder', async () => {
  const cache = join(root, 'folder');
  await travels(`type=local,dest=${cache}`, `type=local,src=${cache}`);
});

asRoot(REGISTRY_PROGRAM)('are filled from a registry', async () => {
  await using registry = await startRegistry();
  await travels(`type=registry,ref=${registry.host}/app:cache`);
});

asRoot()('are filled from the service of GitHub Actions', async () => {
  await using server = await startActionsServer();
  const env = { ACTIONS_RESULTS_URL: server.url, ACTIONS_RUNTIME_TOKEN: ACTIONS_TOKEN, ACTIONS_CACHE_SERVICE_V2: '1' };
  await travels('type=gha', 'type=gha', env);
});

const sizesOf = (cache: string) =>
  new Map(
    readdirSync(join(cache, 'blobs/sha256')).map((name) => [name, statSync(join(cache, 'blobs/sha256', name)).size]),
  );

asRoot()('travel as their changes: added, changed and removed files, links and modes', async () => {
  const { cache, build } = newProject();
  const [to, from] = [`--cache-to=type=local,dest=${cache},mounts=objects`, `--cache-from=type=local,src=${cache}`];
  const random = 'for i in 1 2 3 4 5 6; do cat /proc/sys/kernel/random/uuid; done';
  await build(`mkdir -p /objects/d; cat /bin/busybox >/objects/big; ${random} >/objects/d/old; echo x >/objects/gone`, [
    to,
  ]);
  const before = sizesOf(cache);
  const change = 'rm /objects/gone; rm -r /objects/d; echo file >/objects/d; echo new >/objects/added';
  await build(`${change}; ln -s added /objects/link; chmod 700 /objects/added`, [from, to]);
  const added = [...sizesOf(cache)].filter(([name]) => !before.has(name));
  assert.ok(added.reduce((sum, [, size]) => sum + size, 0) < 60_000, JSON.stringify(added));
  const look = 'echo "[$(ls /objects)] [$(cat /objects/d)] [$(readlink /objects/link)] [$(stat -c %a /objects/added)]"';
  const seen = await build(`${look}; cmp /bin/busybox /objects/big 2>/dev/null; test -s /objects/big && echo whole`, [
    from,
  ]);
  assert.match(seen, /\[added[^\]]*big[^\]]*d[^\]]*link\] \[file\] \[added\] \[700\]/);
  assert.match(seen, / whole$/m);
});

asRoot()('stay in the cache when a build leaves them alone', async () => {
  const { cache, build } = newProject();
  const [to, from] = [`--cache-to=type=local,dest=${cache}`, `--cache-from=type=local,src=${cache}`];
  await build('echo one >/objects/a', [`${to},mounts=all`]);
  await build('echo one >/objects/a', [from, `${to},mounts=all`]);
  await build('true', [to]);
  assert.match(await build(LIST, [from]), /\[a\] \[one\]/);
});

asRoot()('are only those that the option names', async () => {
  const { cache, build } = newProject();
  await build('echo one >/objects/a; echo two >/other/b', [`--cache-to=type=local,dest=${cache},mounts=other`]);
  const seen = await build('echo "[$(ls /objects)] [$(ls /other)]"', [`--cache-from=type=local,src=${cache}`]);
  assert.match(seen, /\[\] \[b\]/);
  const stderr = await build('true', [`--cache-to=type=local,dest=${cache},mounts=absent`]);
  assert.match(stderr, /no step of this build has the cache mount `absent`/);
});

asRoot()('that are too large are left out, and the records are written', async () => {
  const { cache, build } = newProject();
  const script = 'cat /bin/busybox >/objects/big; echo one >/other/b';
  const stderr = await build(script, [`--cache-to=type=local,dest=${cache},mode=max,mounts=all,mounts-size=10k`]);
  assert.match(stderr, /cannot export cache mount `objects`: it has more than 10240 bytes/);
  assert.match(await build(script, [`--cache-from=type=local,src=${cache}`]), / CACHED$/m);
  assert.match(
    await build('echo "[$(ls /objects)] [$(ls /other)]"', [`--cache-from=type=local,src=${cache}`]),
    /\[\] \[b\]/,
  );
});

asRoot()('that are damaged begin empty, and the build succeeds', async () => {
  const { cache, build } = newProject();
  await build('echo one >/objects/a', [`--cache-to=type=local,dest=${cache},mounts=all`]);
  const folder = join(cache, 'blobs/sha256');
  for (const [name, size] of sizesOf(cache)) if (isZstd(join(folder, name))) truncateSync(join(folder, name), size - 1);
  const seen = await build(LIST, [`--cache-from=type=local,src=${cache}`]);
  assert.match(seen, /cache mount `objects` begins empty/);
  assert.match(seen, /\[\] \[\]/);
});

test.run();

function isZstd(file: string): boolean {
  return readFileSync(file).readUInt32LE(0) === 0xfd2fb528;
}
