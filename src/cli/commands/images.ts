import type { ImageSummary } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { formatPlatform } from '../../oci/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG, formatId } from '../text/format-flag.ts';
import { formatJsonLines, formatTable } from '../text/table.ts';
import { formatAge, formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const images = defineVerb({
  name: 'images',
  summary: 'list images in the local store',
  operands: '[<name>]',
  completes: 'image',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'show all images (always done)', hidden: true },
    digests: { type: 'boolean', describe: 'show digests' },
    filter: { alias: 'f', type: 'string', array: true, describe: 'filter the output: dangling=true or dangling=false' },
    format: FORMAT_FLAG,
    'no-trunc': { type: 'boolean', describe: 'do not truncate IDs' },
    quiet: { alias: 'q', type: 'boolean', describe: 'only show image IDs' },
    tree: { type: 'boolean', describe: 'show the platforms of each image as a tree' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { listImages } = await import('../../engine/images/images.ts');
    const found = await listImages(services, { filter: operands[0], dangling: readDangling(flags.filter) });
    const view = { isWhole: flags['no-trunc'], digests: flags.digests, now: terminal.now() };
    if (flags.tree) terminal.stdout.write(formatImageTree(found, view));
    else if (flags.quiet) terminal.stdout.write(found.map(({ id }) => `${formatId(id, view.isWhole)}\n`).join(''));
    else if (flags.format === 'json') terminal.stdout.write(formatImagesJson(found, view));
    else terminal.stdout.write(formatImages(found, view));
    return EXIT_CODE.done;
  },
});

export interface ImagesView {
  readonly isWhole: boolean;
  readonly digests: boolean;
  readonly now: number;
}

export function formatImages(found: readonly ImageSummary[], view: ImagesView): string {
  const listDigest = (text: string) => (view.digests ? [text] : []);
  const headings = ['REPOSITORY', 'TAG', ...listDigest('DIGEST'), 'IMAGE ID', 'CREATED', 'SIZE'];
  const rows = found.map((image) => [
    image.repository ?? '<none>',
    image.tag ?? '<none>',
    ...listDigest(image.digest),
    formatId(image.id, view.isWhole),
    formatAge(image.created, view.now),
    formatSize(image.size),
  ]);
  return formatTable(headings, rows);
}

/** As `docker images --tree`. */
export function formatImageTree(found: readonly ImageSummary[], view: ImagesView): string {
  const rows = found.flatMap(({ repository, tag, digest, size, platform, platforms }) => {
    const name = repository === undefined ? '<untagged>' : `${repository}:${tag ?? '<none>'}`;
    const shown = platforms.length > 0 ? platforms : [{ platform, digest, size }];
    const sum = shown.reduce((bytes, each) => bytes + (each.size ?? 0), 0);
    return [
      [name, formatId(digest, view.isWhole), formatSize(sum)],
      ...shown.map((each, at) => [
        `${at === shown.length - 1 ? '└─' : '├─'} ${each.platform ? formatPlatform(each.platform) : 'unknown'}`,
        formatId(each.digest, view.isWhole),
        each.size === undefined ? '0B' : formatSize(each.size),
      ]),
    ];
  });
  return formatTable(['IMAGE', 'ID', 'DISK USAGE'], rows);
}

/** One object per line, with the members of `docker images --format json`. */
export function formatImagesJson(found: readonly ImageSummary[], view: ImagesView): string {
  return formatJsonLines(
    found.map((image) => ({
      CreatedAt: image.created ?? '',
      CreatedSince: formatAge(image.created, view.now),
      Digest: image.digest,
      ID: formatId(image.id, view.isWhole),
      Repository: image.repository ?? '<none>',
      Size: formatSize(image.size),
      Tag: image.tag ?? '<none>',
    })),
  );
}

function readDangling(filters: readonly string[]): boolean | undefined {
  const values = filters.map((filter) => /^dangling=(true|false|1|0)$/.exec(filter)?.[1]);
  const unknown = values.indexOf(undefined);
  if (unknown !== -1) {
    throw new MkimageError('usage', `unknown filter \`${filters[unknown]}\``, {
      hint: 'the only filter is `dangling=true` or `dangling=false`',
    });
  }
  const last = values.at(-1);
  return last === undefined ? undefined : last === 'true' || last === '1';
}
