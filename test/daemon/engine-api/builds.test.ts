/** Builds through the daemon: by Debian's docker, and by a client of BuildKit's own protocol. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BuildkitClient } from '../../support/buildkit-client.ts';
import { DOCKER, startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('daemon: builds');
const missing = existsSync(DOCKER) ? undefined : 'docker of Debian';
const asRoot = withNeeds(test, { root: true, programs: ['busybox'], missing });

let daemon: TestDaemon;
let app: string;
test.before(async () => {
  if (process.getuid?.() !== 0 || missing !== undefined) return;
  daemon = await startDaemon('daemon-builds');
  app = join(daemon.store.home, 'app');
  mkdirSync(app);
  writeFileSync(
    join(app, 'Dockerfile'),
    'FROM bb\nCOPY word /\nRUN echo "and $(cat /word)" > /said\nCMD ["cat", "/said"]\n',
  );
  writeFileSync(join(app, 'word'), 'word\n');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

asRoot('docker builds with BuildKit without being told to, and runs what it has built', async () => {
  const { code, stderr } = await daemon.docker(['build', '-t', 'said', app]);
  assert.is(code, 0, stderr);
  assert.is(await daemon.must('run', '--rm', '--network', 'host', 'said'), 'and word\n');
  assert.match((await daemon.docker(['build', '--target', 'nowhere', app])).stderr, 'nowhere');
});

asRoot('clients of the protocol of BuildKit build on the same socket', async () => {
  using client = await BuildkitClient.connect(daemon.socket, { folders: { context: app, dockerfile: app } });
  const { exports } = await client.build({ exporters: [{ type: 'moby', attributes: { name: 'again' } }] });
  assert.is(await daemon.must('run', '--rm', '--network', 'host', 'again'), 'and word\n');
  assert.is(
    (await daemon.store.must('inspect', '-f', '{{.Id}}', 'again')).trim(),
    exports.get('containerimage.digest'),
  );
});

asRoot('a build that does not run is cancelled without a complaint', async () => {
  assert.is((await daemon.ask('POST', '/build/cancel?id=none')).status, 200);
});

test.run();
