import { suite } from 'uvu';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { containmentContract } from '../contract/containment.ts';
import { sandboxContract } from '../contract/sandbox.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: namespaces');
const needs = withNeeds(test, { root: true, programs: ['busybox', 'gcc'] });
const sandbox = namespacesSandbox();

sandboxContract(needs, { sandbox, base: tempDir('namespaces'), followsKernelLinks: true });
containmentContract(needs, { sandbox, base: tempDir('namespaces-contained') });

test.run();
