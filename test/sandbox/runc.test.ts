import { suite } from 'uvu';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: runc');

sandboxContract(withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'runc'] }), {
  sandbox: ociRuntimeSandbox('runc'),
  base: tempDir('runc'),
  seccomp: true,
  followsKernelLinks: false,
});

test.run();
