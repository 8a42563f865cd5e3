import { MkimageError } from '../../errors.ts';
import { isRoot, thisProcessor } from '../../host/index.ts';
import { capabilitySet, ownCapabilities } from '../capabilities.ts';
import { becomeProgram } from '../starter/exec-lines.ts';
import { hasStarter } from '../starter/machine.ts';
import { dropPrivileges } from '../starter/privilege-lines.ts';
import { ALL_ERRORS, type Line } from '../starter/table.ts';
import type { ContainerPrivileges, ContainerSpec } from './port.ts';
import { READY } from './recorder-lines.ts';
import { filterOf } from './seccomp.ts';

const PR_SET_NO_NEW_PRIVS = 38;
const TIOCSCTTY = 0x540e;

/** From the working directory to the program; also for processes that join a container. */
export function becomeProcess(program: ContainerSpec['process'], privileges: ContainerPrivileges): readonly Line[] {
  const noNewPrivileges: Line = {
    name: 'prctl',
    args: [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0],
    doing: 'forbid new privileges',
  };
  const { capabilities, isPrivileged } = privileges;
  const own = ownCapabilities();
  return [
    { name: 'chdir', args: [program.cwd], doing: `enter the working directory \`${program.cwd}\`` },
    ...(privileges.noNewPrivileges ? [noNewPrivileges] : []),
    ...dropPrivileges({
      process: { ...program, hostname: '', network: 'host', security: isPrivileged ? 'insecure' : 'sandbox' },
      own,
      filter: filterOf(privileges),
      capabilities: capabilities === 'all' ? own.permitted : capabilitySet(capabilities),
    }),
    { name: 'umask', args: [0o022], doing: 'set umask' },
    ...becomeProgram(program.args, program.env, ''),
  ];
}

/** Runs no program: reports the start, and ends when nobody holds the other end of its input any more. */
export function waitForInput(): readonly Line[] {
  return [
    { name: 'close', args: [READY], doing: 'report the start' },
    { name: 'read', args: [0, new Uint8Array(8), 1], doing: 'wait for the end', tolerate: ALL_ERRORS },
    { name: 'exit_group', args: [0], doing: 'end' },
  ];
}

export function takeTerminal(hasOne: boolean): readonly Line[] {
  return hasOne ? [{ name: 'ioctl', args: [0, TIOCSCTTY, 0], doing: 'take the terminal' }] : [];
}

/** Throws `sandbox`, `unsupported` if this process cannot start containers. */
export function requireStarter(): void {
  if (!isRoot()) {
    throw new MkimageError('sandbox', 'start container: it needs root', { hint: 'run mkimage as root' });
  }
  const processor = thisProcessor();
  if (!hasStarter(processor)) {
    throw new MkimageError('unsupported', `start container: it is not possible on ${processor} processors`);
  }
}
