import { MkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../render/index.ts';
import { readPlatformFlags } from '../text/platform-flag.ts';
import { defineVerb } from '../verb.ts';

export const save = defineVerb({
  name: 'save',
  summary: 'save images to an archive for docker load, podman load and skopeo',
  operands: '<image> [<image>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    output: { alias: 'o', type: 'string', describe: 'write to this archive file (default: stdout)', completes: 'file' },
    platform: {
      type: 'string',
      array: true,
      describe: 'save only these platforms, e.g. linux/arm64 (default: all that are there)',
      completes: 'platform',
    },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'type of progress output' },
  },
  async run({ flags, operands, terminal }) {
    const dest = flags.output ?? '-';
    if (dest === '-' && terminal.stdout.isTTY === true) {
      throw new MkimageError('usage', 'save images: standard output is a terminal', {
        hint: 'pass a file, e.g. `mkimage save -o app.tar app`, or redirect the output',
      });
    }
    await using services = await openEngine(terminal);
    const { saveImages } = await import('../../engine/images/save.ts');
    const mode = (flags.progress ?? 'auto') as ProgressMode;
    const request = { images: operands, dest, platforms: readPlatformFlags(flags.platform) };
    await withProgress(mode, terminal, (call) => saveImages(services, request, call));
    return EXIT_CODE.done;
  },
});
