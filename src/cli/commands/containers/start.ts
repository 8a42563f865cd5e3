import { MkimageError } from '../../../errors.ts';
import { doEach } from '../../container-flags/do-each.ts';
import { failWith } from '../../container-flags/tool-failure.ts';
import type { ExitCode } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const start = defineVerb({
  name: 'start',
  summary: 'start one or more stopped containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    attach: { alias: 'a', type: 'boolean', describe: 'show the output, and forward signals' },
    'detach-keys': { type: 'string', describe: 'keys that detach from a container (default: ctrl-p,ctrl-q)' },
    interactive: { alias: 'i', type: 'boolean', describe: 'attach the standard input' },
    'sig-proxy': { type: 'boolean', describe: 'send signals to the container (default: true)', default: true },
  },
  async run({ flags, operands, terminal }): Promise<ExitCode> {
    await using services = await openEngine(terminal);
    const { startContainer } = await import('../../../engine/containers/start.ts');
    const { runAttached, warningCall } = await import('../../container-flags/start-here.ts');
    if (!flags.attach && !flags.interactive) {
      return await doEach(
        operands,
        terminal,
        async (name) => void (await startContainer(services, name, warningCall(terminal))),
      );
    }
    if (operands.length > 1) throw new MkimageError('usage', 'you cannot start and attach multiple containers at once');
    const { inspectContainer } = await import('../../../engine/containers/inspect.ts');
    return await failWith(terminal, async () => {
      const { Id, Config } = await inspectContainer(services, operands[0]!, { size: false });
      const settings = { ...Config, AttachStdin: flags.interactive };
      const options = { detachKeys: flags['detach-keys'], proxiesSignals: flags['sig-proxy'], isRemoved: false };
      return runAttached(services, { id: Id, settings, ...options }, terminal);
    });
  },
});
