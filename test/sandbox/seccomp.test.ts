import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ALLOWED_CALLS } from '../../src/sandbox/seccomp/calls.ts';
import { seccompProfile } from '../../src/sandbox/seccomp/profile.ts';
import { withNeeds } from '../support/needs.ts';

const test = suite('sandbox: seccomp');
const INSTALLED = '/usr/share/containers/seccomp.json';
const missing = existsSync(INSTALLED) ? undefined : `${INSTALLED} (golang-github-containers-common)`;

/** Docker allows these and Podman does not. */
const DOCKER_ALLOWS: readonly string[] = ['io_pgetevents', 'vmsplice'];

test('no call is listed twice', () => {
  assert.is(new Set(ALLOWED_CALLS).size, ALLOWED_CALLS.length);
});

test('nothing that changes the kernel, its mounts or namespaces is allowed outright', () => {
  const refused =
    'mount umount2 pivot_root setns unshare bpf keyctl add_key kexec_load init_module reboot swapon clone3 io_uring_setup';
  for (const name of refused.split(' ')) assert.not(ALLOWED_CALLS.includes(name), name);
});

test('a profile names the architecture it is for', () => {
  assert.equal(seccompProfile('arm64').architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
  assert.ok(seccompProfile('x64').syscalls[0]?.names.includes('arch_prctl'));
});

withNeeds(test, { missing })('what another profile of the field refuses outright is refused here too', () => {
  const other = JSON.parse(readFileSync(INSTALLED, 'utf8'));
  const refused: string[] = other.syscalls
    .filter(
      (rule: { action: string; excludes?: { caps?: unknown } }) =>
        rule.action === 'SCMP_ACT_ERRNO' && !rule.excludes?.caps,
    )
    .flatMap((rule: { names: string[] }) => rule.names);
  assert.ok(refused.length > 10);
  assert.equal(
    refused.filter((name) => ALLOWED_CALLS.includes(name) && !DOCKER_ALLOWS.includes(name)),
    [],
  );
});

test.run();
