import { readFileSync } from 'node:fs';
import type { HostSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { ContainerPrivileges, ContainerSandbox } from '../../sandbox/index.ts';

/** Reads `--cap-add`, `--cap-drop`, `--security-opt` and `--privileged`. Refuses what it does not know: an option must not be lost. */
export function readPrivileges(host: HostSettings, sandbox: CapabilityNames): ContainerPrivileges {
  const options = (host.SecurityOpt ?? []).map(readOption);
  const seccomp = options.findLast(({ name }) => name === 'seccomp')?.value;
  const isPrivileged = host.Privileged === true;
  return {
    capabilities: isPrivileged ? 'all' : readCapabilities(host, sandbox),
    seccomp:
      seccomp === undefined || seccomp === 'builtin'
        ? 'default'
        : seccomp === 'unconfined'
          ? 'unconfined'
          : { profile: readProfileText(seccomp) },
    noNewPrivileges: options.findLast(({ name }) => name === 'no-new-privileges')?.value === 'true',
    isPrivileged,
  };
}

type CapabilityNames = Pick<ContainerSandbox, 'defaultCapabilities' | 'isCapability'>;

function readCapabilities(host: HostSettings, known: CapabilityNames): ContainerPrivileges['capabilities'] {
  const read = (text: string) => readCapability(text, known);
  const add = (host.CapAdd ?? []).map(read);
  const drop = (host.CapDrop ?? []).map(read);
  if (add.includes('ALL') && drop.length === 0) return 'all';
  if (add.includes('ALL'))
    throw new MkimageError('unsupported', 'add all capabilities but some: list those to add instead of ALL');
  const base = drop.includes('ALL') ? [] : known.defaultCapabilities.filter((name) => !drop.includes(name));
  return [...new Set([...base, ...add])];
}

function readCapability(text: string, { isCapability }: CapabilityNames): string {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (name === 'ALL' || isCapability(name)) return name;
  throw new MkimageError('usage', `invalid capability: unknown capability: "CAP_${name}"`);
}

interface SecurityOption {
  readonly name: 'seccomp' | 'no-new-privileges' | 'none';
  readonly value: string;
}

function readOption(text: string): SecurityOption {
  const [, name = '', value] = /^([^=:]+)(?:[=:](.*))?$/s.exec(text) ?? [];
  if (name === 'no-new-privileges') return { name, value: value === undefined || value === 'true' ? 'true' : 'false' };
  if (name === 'seccomp' && value !== undefined) return { name, value };
  // Nothing applies such a label here, so only the request for none can be met.
  if ((name === 'apparmor' && value === 'unconfined') || (name === 'label' && value === 'disable'))
    return { name: 'none', value };
  throw new MkimageError('unsupported', `apply security option \`${text}\`: it is not supported`, {
    hint: 'supported are seccomp=…, no-new-privileges, apparmor=unconfined and label=disable',
  });
}

/** Docker's command line sends the text of the profile; ours gives it too. A path is read as a convenience. */
function readProfileText(value: string): string {
  if (value.trimStart().startsWith('{')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    throw new MkimageError('usage', `read seccomp profile \`${value}\`: ${(cause as Error).message}`, { cause });
  }
}
