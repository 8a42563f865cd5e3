import { MkimageError } from '../../errors.ts';
import { formatFamiliarName, parseReference } from '../../oci/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../render/index.ts';
import { readPlatformFlags } from '../text/platform-flag.ts';
import { defineVerb } from '../verb.ts';

export const load = defineVerb({
  name: 'load',
  summary: 'load images from an archive or an OCI layout into the local store',
  operands: '[<archive or directory>]',
  completes: 'file',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    input: {
      alias: 'i',
      type: 'string',
      describe: 'read from an archive or the directory of an OCI layout (default: stdin)',
      completes: 'file',
    },
    platform: {
      type: 'string',
      array: true,
      describe: 'load only these platforms, e.g. linux/arm64 (default: all that are there)',
      completes: 'platform',
    },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'type of progress output' },
    quiet: { alias: 'q', type: 'boolean', describe: 'suppress the progress output' },
  },
  async run({ flags, operands, terminal }) {
    const path = flags.input ?? operands[0] ?? '-';
    if (path === '-' && terminal.stdin().isTTY === true) {
      throw new MkimageError('usage', 'load images: standard input is a terminal', {
        hint: 'pass an archive, e.g. `mkimage load -i app.tar`',
      });
    }
    const platforms = readPlatformFlags(flags.platform);
    const mode = flags.quiet ? 'quiet' : ((flags.progress ?? 'auto') as ProgressMode);
    await using services = await openEngine(terminal);
    const { loadImages } = await import('../../engine/images/load.ts');
    const input = path === '-' ? ({ kind: 'stdin' } as const) : ({ kind: 'path', path } as const);
    const loaded = await withProgress(mode, terminal, (call) => loadImages(services, { input, platforms }, call));
    for (const { names, id } of loaded) {
      const lines = names.length === 0 ? [`Loaded image ID: ${id}`] : names.map(formatLoadedImage);
      terminal.stdout.write(`${lines.join('\n')}\n`);
    }
    return EXIT_CODE.done;
  },
});

function formatLoadedImage(name: string): string {
  return `Loaded image: ${formatFamiliarName(parseReference(name))}`;
}
