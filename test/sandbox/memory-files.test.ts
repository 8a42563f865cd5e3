import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: memory files');
const SETTING = '/proc/sys/vm/memfd_noexec';
const missing = existsSync(SETTING) ? undefined : 'a kernel with vm.memfd_noexec';

withNeeds(test, { root: true, programs: ['unshare', 'busybox'], missing })(
  'steps run where no program may be run from memory',
  () => {
    const step = fileURLToPath(new URL('../support/one-step.ts', import.meta.url));
    const node = [process.execPath, '--import', 'tsx', step, join(tempDir('memory-files'), 'step'), 'echo', 'ran'];
    const script = `echo 2 >${SETTING} && exec "$@"`;
    const unshare = ['--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh', ...node];
    const { stdout, stderr } = spawnSync('unshare', unshare, { encoding: 'utf8' });
    assert.equal({ stdout, stderr }, { stdout: 'ran\n', stderr: '' });
  },
);

test.run();
