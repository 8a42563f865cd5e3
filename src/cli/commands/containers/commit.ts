import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { withProgress } from '../../render/index.ts';
import { defineVerb } from '../../verb.ts';

export const commit = defineVerb({
  name: 'commit',
  summary: 'make an image of what a container has changed',
  operands: '<container> [<name>[:<tag>]]',
  completes: 'container',
  minOperands: 1,
  maxOperands: 2,
  flags: {
    author: { alias: 'a', type: 'string', describe: 'author of the image' },
    change: { alias: 'c', type: 'string', array: true, describe: 'change a setting, e.g. `CMD ["app"]`' },
    message: { alias: 'm', type: 'string', describe: 'message in the history' },
    pause: {
      alias: 'p',
      type: 'boolean',
      describe: 'freeze a running container meanwhile (default: true)',
      default: true,
    },
  },
  async run({ flags, operands: [container = '', reference], terminal }) {
    if (!flags.pause)
      throw new MkimageError('unsupported', 'commit without a pause: a running container is always frozen meanwhile', {
        hint: 'omit `--pause`',
      });
    await using services = await openEngine(terminal);
    const { commitContainer } = await import('../../../engine/containers/images/commit.ts');
    const { author, message, change: changes } = flags;
    const { id } = await withProgress('quiet', terminal, (call) =>
      commitContainer(services, { container, reference, author, message, changes }, call),
    );
    terminal.stdout.write(`${id}\n`);
    return EXIT_CODE.done;
  },
});
