import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { withProgress } from '../../render/index.ts';
import { toPrintable } from '../../text/printable.ts';
import { defineVerb } from '../../verb.ts';

const LETTERS = ['C', 'A', 'D'] as const;

export const diff = defineVerb({
  name: 'diff',
  summary: 'list the files that a container has changed (C), added (A) or deleted (D)',
  operands: '<container>',
  completes: 'container',
  minOperands: 1,
  maxOperands: 1,
  flags: {},
  async run({ operands: [container = ''], terminal }) {
    await using services = await openEngine(terminal);
    const { diffContainer } = await import('../../../engine/containers/images/diff.ts');
    const changes = await withProgress('quiet', terminal, (call) => diffContainer(services, { container }, call));
    for (const { Path, Kind } of changes) terminal.stdout.write(`${LETTERS[Kind]} ${toPrintable(Path)}\n`);
    return EXIT_CODE.done;
  },
});
