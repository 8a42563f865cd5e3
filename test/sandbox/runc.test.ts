import { suite } from 'uvu';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import { containmentContract } from '../contract/containment.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: runc');
const needs = withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'runc'] });
const sandbox = ociRuntimeSandbox('runc');

sandboxContract(needs, { sandbox, base: tempDir('runc'), followsKernelLinks: false });
containmentContract(needs, { sandbox, base: tempDir('runc-contained') });

test.run();
