import type { ImageSummary } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG, shownId } from '../text/format-flag.ts';
import { jsonLines, table } from '../text/table.ts';
import { formatAge, formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const images = defineVerb({
  name: 'images',
  summary: 'list the images of the local store',
  operands: '[<name>]',
  completes: 'image',
  least: 0,
  most: 1,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'show all images (always done)', hidden: true },
    digests: { type: 'boolean', describe: 'show digests' },
    filter: { alias: 'f', type: 'string', array: true, describe: 'dangling=true or dangling=false' },
    format: FORMAT_FLAG,
    'no-trunc': { type: 'boolean', describe: 'show whole IDs' },
    quiet: { alias: 'q', type: 'boolean', describe: 'print IDs only' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { listImages } = await import('../../engine/images/images.ts');
    const found = await listImages(services, { filter: operands[0], dangling: readDangling(flags.filter) });
    const view = { isWhole: flags['no-trunc'], digests: flags.digests, now: terminal.now() };
    if (flags.quiet) terminal.stdout.write(found.map(({ id }) => `${shownId(id, view.isWhole)}\n`).join(''));
    else if (flags.format === 'json') terminal.stdout.write(imagesJson(found, view));
    else terminal.stdout.write(imagesTable(found, view));
    return EXIT_CODE.done;
  },
});

export interface ImagesView {
  readonly isWhole: boolean;
  readonly digests: boolean;
  readonly now: number;
}

export function imagesTable(found: readonly ImageSummary[], view: ImagesView): string {
  const digest = (text: string) => (view.digests ? [text] : []);
  const headings = ['REPOSITORY', 'TAG', ...digest('DIGEST'), 'IMAGE ID', 'CREATED', 'SIZE'];
  const rows = found.map((image) => [
    image.repository ?? '<none>',
    image.tag ?? '<none>',
    ...digest(image.digest),
    shownId(image.id, view.isWhole),
    formatAge(image.created, view.now),
    formatSize(image.size),
  ]);
  return table(headings, rows);
}

/** One object a line, with the members that `docker images --format json` has. */
export function imagesJson(found: readonly ImageSummary[], view: ImagesView): string {
  return jsonLines(
    found.map((image) => ({
      CreatedAt: image.created ?? '',
      CreatedSince: formatAge(image.created, view.now),
      Digest: image.digest,
      ID: shownId(image.id, view.isWhole),
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
    throw new MkimageError('usage', `unknown filter \`${filters[unknown]}\``, { hint: 'there is `dangling=true`' });
  }
  const last = values.at(-1);
  return last === undefined ? undefined : last === 'true' || last === '1';
}
