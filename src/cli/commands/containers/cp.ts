import { resolve } from 'node:path';
import type { CopyPlace } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { withProgress } from '../../render/index.ts';
import type { Terminal } from '../../terminal.ts';
import { formatSize } from '../../text/units.ts';
import { defineVerb } from '../../verb.ts';

export const cp = defineVerb({
  name: 'cp',
  summary: 'copy files between a container and this machine',
  operands: '<container>:<path>|<path>|- <container>:<path>|<path>|-',
  minOperands: 2,
  maxOperands: 2,
  flags: {
    archive: { alias: 'a', type: 'boolean', describe: 'keep owners; to a container: files belong to its user' },
    'follow-link': { alias: 'L', type: 'boolean', describe: 'follow a symlink that is the source' },
    quiet: { alias: 'q', type: 'boolean', describe: 'do not say what was copied' },
  },
  examples: [
    ['mkimage cp web:/var/log ./logs', 'copy a directory from a container'],
    ['mkimage cp conf/. web:/etc/app', 'copy the content of a directory to a container'],
    ['mkimage cp web:/etc - | tar t', 'write a tar to standard output'],
  ],
  async run({ flags, operands: [first = '', second = ''], terminal }) {
    const [from, to] = [readPlace(first, terminal), readPlace(second, terminal)];
    requireOneContainer(from, to);
    await using services = await openEngine(terminal);
    if (to.path === '-' && to.container === undefined) return await writeTar(services, from, terminal);
    if (from.path === '-' && from.container === undefined)
      return await readTar(services, { ...to, ownedByUser: flags.archive }, terminal);
    const { copyFiles } = await import('../../../engine/containers/archive/copy.ts');
    const request = { from, to, followLink: flags['follow-link'], archive: flags.archive };
    const { bytes } = await withProgress('quiet', terminal, (call) => copyFiles(services, request, call));
    if (!flags.quiet && terminal.stderr.isTTY === true)
      terminal.stderr.write(`Successfully copied ${formatSize(bytes)} to ${second}\n`);
    return EXIT_CODE.done;
  },
});

type Services = Awaited<ReturnType<typeof openEngine>>;

/** A text that begins with a slash or a dot is a path of this machine, also with a colon in it. */
function readPlace(text: string, { cwd }: Pick<Terminal, 'cwd'>): CopyPlace {
  const colon = text.startsWith('/') || text.startsWith('.') ? -1 : text.indexOf(':');
  if (colon > 0) return { container: text.slice(0, colon), path: absolute(text.slice(colon + 1)) };
  if (text === '-') return { path: text };
  const end = text.endsWith('/') ? '/' : text === '.' || text.endsWith('/.') ? '/.' : '';
  return { path: `${resolve(cwd(), text)}${end}` };
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function requireOneContainer(from: CopyPlace, to: CopyPlace): void {
  if (from.container !== undefined && to.container !== undefined)
    throw new MkimageError('usage', 'copying between containers is not supported');
  if (from.container === undefined && to.container === undefined)
    throw new MkimageError('usage', 'must specify at least one container source');
}

async function writeTar(
  services: Services,
  { container = '', path }: CopyPlace,
  terminal: Terminal,
): Promise<ExitCode> {
  const { getArchive } = await import('../../../engine/containers/archive/archive.ts');
  const { pipeline } = await import('node:stream/promises');
  await withProgress('quiet', terminal, (call) =>
    getArchive(
      services,
      { container, path, use: ({ tar }) => pipeline(tar, terminal.archiveOutput(), { end: false }) },
      call,
    ),
  );
  return EXIT_CODE.done;
}

async function readTar(
  services: Services,
  { container = '', path, ownedByUser }: CopyPlace & { readonly ownedByUser: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { putArchive } = await import('../../../engine/containers/archive/archive.ts');
  const request = { container, path, keepsKinds: true, ownedByUser, tar: terminal.stdin() };
  await withProgress('quiet', terminal, (call) => putArchive(services, request, call));
  return EXIT_CODE.done;
}
