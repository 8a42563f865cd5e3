import { suite } from 'uvu';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import { containmentContract } from '../contract/containment.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: crun');
const needs = withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'crun'] });
const sandbox = ociRuntimeSandbox('crun');

sandboxContract(needs, { sandbox, base: tempDir('crun'), followsKernelLinks: false });
containmentContract(needs, { sandbox, base: tempDir('crun-contained') });

test.run();
