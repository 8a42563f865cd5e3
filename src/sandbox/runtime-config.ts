import { namesOfCapabilities, ownCapabilities } from './capabilities.ts';
import { CAPABILITIES, MASKED_PATHS, READONLY_PATHS } from './confinement.ts';
import { DEVICE_RULES, runtimeRules } from './devices/rules.ts';
import type { ProcessSpec } from './index.ts';
import type { Mount } from './mounts/mount-plan.ts';
import { seccompProfile } from './seccomp/profile.ts';

export interface RuntimeConfig {
  /** Absolute path of the root, which is mounted already. */
  readonly root: string;
  readonly process: ProcessSpec;
  readonly mounts: readonly Mount[];
  readonly cgroupsPath: string;
  /** As in config.md#posix-platform-hooks. */
  readonly hooks?: unknown;
}

/** RLIM_INFINITY, 2^64 - 1. It is text, because a JavaScript number cannot represent it. */
const UNLIMITED = '18446744073709551615';

/** The text of `config.json` (runtime-spec config.md and config-linux.md) for one step. */
export function runtimeConfig({ root, process, mounts, cgroupsPath, hooks }: RuntimeConfig): string {
  const sandboxed = process.security === 'sandbox';
  const config = {
    ociVersion: '1.0.2',
    root: { path: root },
    hostname: process.hostname,
    process: processOf(process),
    mounts: mounts.map(mountOf),
    ...(hooks === undefined ? {} : { hooks }),
    linux: {
      namespaces: namespacesOf(process),
      cgroupsPath,
      resources: { devices: sandboxed ? runtimeRules(DEVICE_RULES) : [{ allow: true, access: 'rwm' }] },
      ...(sandboxed ? { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS, seccomp: seccompProfile() } : {}),
    },
  };
  return JSON.stringify(config).replaceAll('"unlimited"', UNLIMITED);
}

function processOf(step: ProcessSpec): unknown {
  const capabilities = step.security === 'sandbox' ? CAPABILITIES : namesOfCapabilities(ownCapabilities().bounding);
  const names = capabilities.map((name) => `CAP_${name}`);
  // Another user has no capabilities after execve(2). They are removed before, so that the kernel checks access to the file as that user.
  const held = step.uid === 0 ? names : [];
  return {
    terminal: false,
    user: { uid: step.uid, gid: step.gid, additionalGids: step.additionalGids, umask: 0o022 },
    args: step.args,
    env: step.env,
    cwd: step.cwd,
    capabilities: { bounding: names, effective: held, permitted: held },
    noNewPrivileges: false,
    rlimits: step.ulimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: soft < 0 ? 'unlimited' : soft,
      hard: hard < 0 ? 'unlimited' : hard,
    })),
  };
}

function mountOf({ type, source, target, options }: Mount): unknown {
  return { destination: `/${target}`, type, source, options };
}

function namespacesOf({ network }: ProcessSpec): readonly { readonly type: string }[] {
  const types = ['pid', 'ipc', 'uts', 'mount', ...(network === 'none' ? ['network'] : [])];
  return types.map((type) => ({ type }));
}
