import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../render/index.ts';
import { readPlatformFlag } from '../text/platform-flag.ts';
import { defineVerb } from '../verb.ts';

export const pull = defineVerb({
  name: 'pull',
  summary: 'download an image from its registry into the local store',
  operands: '<image>',
  completes: 'image',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    platform: {
      type: 'string',
      describe: 'set the platform of the image (default: platform of this machine)',
      completes: 'platform',
    },
    ca: { type: 'string', describe: 'PEM file with additional certificate authorities', completes: 'file' },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'type of progress output' },
    quiet: { alias: 'q', type: 'boolean', describe: 'suppress the progress output' },
  },
  async run({ flags, operands, terminal }) {
    const platform = readPlatformFlag(flags.platform);
    const { pullImage } = await import('../../engine/images/pull.ts');
    await using services = await openEngine(terminal, flags.ca);
    const mode = flags.quiet ? 'quiet' : ((flags.progress ?? 'auto') as ProgressMode);
    const image = await withProgress(mode, terminal, (call) =>
      pullImage(services, { image: operands[0]!, platform }, call),
    );
    terminal.stdout.write(`${image.reference}\n`);
    return EXIT_CODE.done;
  },
});
