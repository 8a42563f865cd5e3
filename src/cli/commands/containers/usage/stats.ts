import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerStats } from '../../../../api/index.ts';
import type { Services } from '../../../../engine/services.ts';
import { isMkimageError } from '../../../../errors.ts';
import { EXIT_CODE, type ExitCode } from '../../../exit-code.ts';
import { openEngine } from '../../../open-engine.ts';
import type { Terminal } from '../../../terminal.ts';
import { defineVerb } from '../../../verb.ts';
import { formatStats } from './stats-table.ts';

const PERIOD_MS = 1000;
const CLEAR = '\u001b[2J\u001b[H';

export const stats = defineVerb({
  name: 'stats',
  summary: 'show how much of the machine containers use',
  operands: '[<container>…]',
  completes: 'container',
  minOperands: 0,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'show stopped containers too' },
    format: {
      type: 'string',
      describe: "output format: `table`, `json`, or a template with fields such as '{{.Name}} {{.MemUsage}}'",
    },
    'no-stream': { type: 'boolean', describe: 'show one result and end' },
    'no-trunc': { type: 'boolean', describe: 'do not truncate the output' },
  },
  examples: [["mkimage stats --no-stream --format '{{.Name}}: {{.CPUPerc}}'", 'show the use of processors once']],
  async run({ flags, operands, terminal }): Promise<ExitCode> {
    await using services = await openEngine(terminal);
    const view = { format: flags.format, isWhole: flags['no-trunc'] };
    const { inspectContainer } = await import('../../../../engine/containers/inspect.ts');
    for (const name of operands) await inspectContainer(services, name, { size: false });
    let before = await measureAll(services, { names: operands, all: flags.all, before: new Map() });
    for (;;) {
      await sleep(PERIOD_MS, undefined, { signal: terminal.signal }).catch(() => {});
      if (terminal.signal.aborted) return EXIT_CODE.done;
      const found = await measureAll(services, { names: operands, all: flags.all, before });
      show(terminal, formatStats([...found.values()], view), flags['no-stream']);
      if (flags['no-stream']) return EXIT_CODE.done;
      before = found;
    }
  },
});

function show(terminal: Terminal, text: string, isOnce: boolean): void {
  terminal.stdout.write(!isOnce && terminal.stdout.isTTY === true ? CLEAR + text : text);
}

type Measured = ReadonlyMap<string, ContainerStats>;

interface Measuring {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly before: Measured;
}

/** A container that is removed in the meantime is left out. */
async function measureAll(services: Services, { names, all, before }: Measuring): Promise<Measured> {
  const { listContainers } = await import('../../../../engine/containers/list.ts');
  const { measureContainer } = await import('../../../../engine/containers/usage/stats.ts');
  const listed = names.length > 0 ? [] : await listContainers(services, { all, filters: {}, size: false });
  const wanted = names.length > 0 ? names : listed.map(({ Id }) => Id);
  const found = await Promise.all(
    wanted.map(async (container) => {
      try {
        return [[container, await measureContainer(services, { container }, before.get(container))] as const];
      } catch (error) {
        if (isMkimageError(error, 'not-found')) return [];
        throw error;
      }
    }),
  );
  return new Map(found.flat());
}
