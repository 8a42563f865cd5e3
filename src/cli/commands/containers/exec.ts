import type { ExecSettings } from '../../../api/index.ts';
import { readEnvironment } from '../../container-flags/files.ts';
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const exec = defineVerb({
  name: 'exec',
  summary: 'run a command in a running container',
  operands: '<container> <command> [<argument>…]',
  completes: 'container',
  minOperands: 2,
  maxOperands: Number.POSITIVE_INFINITY,
  endsAtOperand: true,
  flags: {
    detach: { alias: 'd', type: 'boolean', describe: 'do not wait for the command; its output goes nowhere' },
    'detach-keys': { type: 'string', describe: 'keys that detach from the command (default: ctrl-p,ctrl-q)' },
    env: {
      alias: 'e',
      type: 'string',
      array: true,
      describe: 'set a variable: NAME=VALUE, or NAME with the value here',
    },
    'env-file': { type: 'string', array: true, describe: 'read variables from a file', completes: 'file' },
    interactive: { alias: 'i', type: 'boolean', describe: 'pass on standard input' },
    privileged: { type: 'boolean', describe: 'give the command all capabilities' },
    tty: { alias: 't', type: 'boolean', describe: 'give the command a terminal' },
    user: {
      alias: 'u',
      type: 'string',
      describe: 'user name or ID, and group: USER[:GROUP] (default: of the container)',
    },
    workdir: { alias: 'w', type: 'string', describe: 'working directory (default: of the container)' },
  },
  examples: [
    ['mkimage exec -it web sh', 'run a shell in a container'],
    ['mkimage exec -u 0 web id', 'run a command as root'],
  ],
  async run({ flags, operands, terminal }): Promise<ExitCode> {
    const [container = '', ...command] = operands;
    const settings: ExecSettings = {
      AttachStdin: flags.interactive && !flags.detach,
      AttachStdout: !flags.detach,
      AttachStderr: !flags.detach,
      Tty: flags.tty,
      Env: readEnvironment(flags['env-file'], flags.env, terminal),
      Cmd: command,
      Privileged: flags.privileged,
      ...(flags.user !== undefined && { User: flags.user }),
      ...(flags.workdir !== undefined && { WorkingDir: flags.workdir }),
      ...(flags['detach-keys'] !== undefined && { DetachKeys: flags['detach-keys'] }),
    };
    await using services = await openEngine(terminal);
    const { execDetached, execHere } = await import('../../container-flags/exec-here.ts');
    if (!flags.detach) return await execHere(services, { container, settings }, terminal);
    if (flags.tty) terminal.stderr.write('WARNING: --tty has no effect with --detach\n');
    await execDetached(services, { container, settings }, terminal);
    return EXIT_CODE.done;
  },
});
