import { suite } from 'uvu';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: crun');

sandboxContract(withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'crun'] }), {
  sandbox: ociRuntimeSandbox('crun'),
  base: tempDir('crun'),
  seccomp: true,
  followsKernelLinks: false,
});

test.run();
