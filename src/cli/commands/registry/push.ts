import type { PushedLayer, PushResult } from '../../../api/index.ts';
import { formatReference, parseReference, parseWantedPlatform } from '../../../oci/index.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { PROGRESS_MODES, type ProgressMode, withProgress } from '../../render/index.ts';
import { defineVerb } from '../../verb.ts';

export const push = defineVerb({
  name: 'push',
  summary: 'upload an image of the local store to its registry',
  operands: '<image>',
  completes: 'image',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    'all-tags': {
      alias: 'a',
      type: 'boolean',
      describe: 'push all tags of the repository that are in the local store',
    },
    platform: {
      type: 'string',
      describe: 'push only the image for this platform (default: all platforms of the image)',
      completes: 'platform',
    },
    insecure: {
      type: 'boolean',
      describe: 'allow plain HTTP and certificates that are not trusted, for this push only',
    },
    ca: { type: 'string', describe: 'PEM file with additional certificate authorities', completes: 'file' },
    progress: { type: 'string', choices: PROGRESS_MODES, describe: 'type of progress output' },
    quiet: { alias: 'q', type: 'boolean', describe: 'suppress the output and print the name only' },
  },
  examples: [
    ['mkimage push registry.example.com/team/app:1.0', 'push one tag'],
    ['mkimage push -a registry.example.com/team/app', 'push all tags of a repository'],
  ],
  async run({ flags, operands, terminal }) {
    const image = operands[0]!;
    const platform = flags.platform === undefined ? undefined : parseWantedPlatform(flags.platform);
    const { tag: _, ...repository } = parseReference(image);
    const { pushImage } = await import('../../../engine/images/push.ts');
    await using services = await openEngine(terminal, flags.ca);
    const mode = flags.quiet ? 'quiet' : ((flags.progress ?? 'auto') as ProgressMode);
    if (!flags.quiet) terminal.stdout.write(`The push refers to repository [${formatReference(repository)}]\n`);
    const request = { image, allTags: flags['all-tags'], platform, insecure: flags.insecure };
    const result = await withProgress(mode, terminal, (call) => pushImage(services, request, call));
    terminal.stdout.write(flags.quiet ? formatNames(result) : formatResult(result));
    return EXIT_CODE.done;
  },
});

function formatNames({ repository, tags }: PushResult): string {
  return tags.map(({ tag }) => `${repository}:${tag}\n`).join('');
}

/** Docker's lines: layers, then tags. */
function formatResult({ layers, tags }: PushResult): string {
  const states = layers.map((layer) => `${layer.digest.slice('sha256:'.length, 19)}: ${formatState(layer)}\n`);
  const digests = tags.map(({ tag, descriptor: { digest, size } }) => `${tag}: digest: ${digest} size: ${size}\n`);
  return [...states, ...digests].join('');
}

function formatState({ placement, mountedFrom }: PushedLayer): string {
  if (placement === 'mounted') return `Mounted from ${mountedFrom}`;
  return placement === 'present' ? 'Layer already exists' : 'Pushed';
}
