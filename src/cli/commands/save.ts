import { MkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../render/index.ts';
import { defineVerb } from '../verb.ts';

export const save = defineVerb({
  name: 'save',
  summary: 'write images to an archive for docker load, podman load, skopeo',
  operands: '<image> [<image>…]',
  completes: 'image',
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: {
    output: { alias: 'o', type: 'string', describe: 'archive to write (default: stdout)', completes: 'file' },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'how to show progress' },
  },
  async run({ flags, operands, terminal }) {
    const dest = flags.output ?? '-';
    if (dest === '-' && terminal.stdout.isTTY === true) {
      throw new MkimageError('usage', 'save images: standard output is a terminal', {
        hint: 'name a file, e.g. `mkimage save -o app.tar app`, or redirect the output',
      });
    }
    await using services = await openEngine(terminal);
    const { saveImages } = await import('../../engine/images/save.ts');
    const mode = (flags.progress ?? 'auto') as ProgressMode;
    const wanted = { images: operands, dest };
    await withProgress(mode, terminal, (call) => saveImages(services, wanted, call));
    return EXIT_CODE.done;
  },
});
