import { doEach } from '../../container-flags/do-each.ts';
import { readNumber } from '../../container-flags/read-resources.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

const STOP_FLAGS = {
  signal: { alias: 's', type: 'string', describe: 'signal to send (default: that of the container)' },
  time: {
    alias: 't',
    type: 'string',
    describe: 'seconds to wait before the container is killed; -1: no limit (default: 10)',
  },
  timeout: { type: 'string', describe: 'as --time', hidden: true },
} as const;

export const stop = defineVerb({
  name: 'stop',
  summary: 'stop one or more running containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: STOP_FLAGS,
  async run({ flags, operands, terminal }) {
    const timeout = readTimeout(flags);
    await using services = await openEngine(terminal);
    const { stopContainer } = await import('../../../engine/containers/control.ts');
    return await doEach(
      operands,
      terminal,
      async (container) => void (await stopContainer(services, { container, timeout, signal: flags.signal })),
    );
  },
});

export const restart = defineVerb({
  name: 'restart',
  summary: 'restart one or more containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: STOP_FLAGS,
  async run({ flags, operands, terminal }) {
    const timeout = readTimeout(flags);
    await using services = await openEngine(terminal);
    const { restartContainer } = await import('../../../engine/containers/control.ts');
    const { warningCall } = await import('../../container-flags/start-here.ts');
    return await doEach(operands, terminal, (container) =>
      restartContainer(services, { container, timeout, signal: flags.signal }, warningCall(terminal)),
    );
  },
});

export const kill = defineVerb({
  name: 'kill',
  summary: 'send a signal to one or more running containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: { signal: { alias: 's', type: 'string', describe: 'signal to send (default: KILL)' } },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { killContainer } = await import('../../../engine/containers/control.ts');
    return await doEach(operands, terminal, (container) =>
      killContainer(services, { container, signal: flags.signal }),
    );
  },
});

export const wait = defineVerb({
  name: 'wait',
  summary: 'wait until one or more containers have ended, and print their exit codes',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {},
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { waitContainer } = await import('../../../engine/containers/control.ts');
    const { createEngineCall } = await import('../../engine-call.ts');
    return await doEach(operands, terminal, async (container) =>
      String((await waitContainer(services, { container }, createEngineCall(terminal))).StatusCode),
    );
  },
});

function readTimeout({
  time,
  timeout,
}: {
  readonly time: string | undefined;
  readonly timeout: string | undefined;
}): number | undefined {
  const text = time ?? timeout;
  return text === undefined ? undefined : readNumber('--time', text);
}
