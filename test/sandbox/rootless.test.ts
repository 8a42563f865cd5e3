import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withNeeds } from '../support/needs.ts';
import { createOrdinaryUser } from '../support/ordinary-user.ts';

const test = suite('sandbox: ordinary users');
const programs = ['busybox', 'gcc', 'crun', 'newuidmap', 'unshare', 'setpriv'];
const needs = withNeeds(test, { root: true, programs });

needs('the isolations of an ordinary user pass the contracts that they pass as root', async () => {
  const user = createOrdinaryUser({ ranges: true });
  const tests = [process.execPath, 'test/run.mjs', 'sandbox/namespaces', 'sandbox/crun'];
  const inNamespace = ['unshare', '--user', '--map-root-user', '--map-auto', ...tests];
  const { code, stdout } = await user.run(['sh', '-c', 'cd "$0" && exec "$@"', user.checkout, ...inNamespace]);
  assert.is(code, 0, stdout);
  assert.not.match(stdout, 'SKIPPED');
});

test.run();
