/** Files of containers as the Engine API has them. */
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../../src/engine/config.ts';
import { getArchive, putArchive, statArchive } from '../../../src/engine/containers/archive/archive.ts';
import { openServices, type Services } from '../../../src/engine/services.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';
import { rejects } from '../../support/rejects.ts';

const test = suite('archives of containers');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'tar'] });
const call = createQuietCall();
const container = 'idle';

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('archives');
  const make = 'ln -s /etc/passwd /link; ln -s nowhere /lost; chmod 4755 /tmp; mkfifo /pipe; exit 0';
  await store.must('run', '--name', container, '--network', 'none', 'bb', 'sh', '-c', make);
});

async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  await using services = openServices(readConfig({ MKIMAGE_ROOT: store.root }));
  return await work(services);
}

asRoot('an object has its size, Go’s bits of its mode, and the path that a symlink leads to', async () => {
  await withServices(async (services) => {
    const stat = (path: string) => statArchive(services, { container, path }, call);
    const file = await stat('/etc/passwd');
    assert.equal([file.name, file.mode, file.linkTarget], ['passwd', 0o644, '']);
    assert.ok(file.size > 0);
    assert.match(file.mtime, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.is((await stat('/etc')).mode, 2 ** 31 + 0o755);
    assert.is((await stat('/tmp')).mode, 2 ** 31 + 2 ** 23 + 0o755);
    assert.is((await stat('/pipe')).mode, 2 ** 25 + 0o644);
    const link = await stat('/link');
    assert.equal([link.name, link.mode, link.linkTarget], ['link', 2 ** 27 + 0o777, '/etc/passwd']);
    assert.is((await stat('/lost')).linkTarget, '/nowhere');
    assert.equal([(await stat('/')).name, (await stat('/etc/.')).name], ['/', '.']);
    await rejects(stat('/none'), 'not-found', /Could not find the file \/none/);
    await rejects(statArchive(services, { container: 'nobody', path: '/' }, call), 'not-found', /No such container/);
  });
});

asRoot('an archive goes into a directory only, and comes back', async () => {
  await withServices(async (services) => {
    const tar = execFileSync('tar', ['c', '-C', '/etc', 'hostname', '--transform', 's/hostname/given/']);
    const put = (path: string) =>
      putArchive(services, { tar: Readable.from([tar]), container, path, keepsKinds: false, ownedByUser: false }, call);
    await put('/tmp');
    await rejects(put('/etc/passwd'), 'usage', /extraction point is not a directory/);
    await rejects(put('/none'), 'not-found');
    const names = await getArchive(
      services,
      {
        use: async ({ stat, tar }) => {
          const chunks: Buffer[] = [];
          for await (const chunk of tar) chunks.push(chunk);
          return [stat.name, execFileSync('tar', ['t'], { input: Buffer.concat(chunks) }).toString()];
        },
        container,
        path: '/tmp/given',
      },
      call,
    );
    assert.equal(names, ['given', 'given\n']);
  });
});

test.run();
