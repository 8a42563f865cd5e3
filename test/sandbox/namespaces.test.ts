import { suite } from 'uvu';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: namespaces');
const needs = { root: true, programs: ['busybox', 'gcc', 'unshare', 'setpriv'] };

sandboxContract(withNeeds(test, needs), {
  sandbox: namespacesSandbox(),
  base: tempDir('namespaces'),
  seccomp: false,
  followsKernelLinks: true,
});

test.run();
