import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Builder, buildArgs, type Command } from './builder.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

/** createMkimage as it was bundled last (`npm run build`), with a store of its own. */
export function createMkimage(folder: string): Builder {
  return createBuilder({ name: 'mkimage', version: 'this tree', cli: CLI, root: join(folder, 'mkimage') });
}

/** An earlier createMkimage, in another checkout that has been built. */
export function earlierMkimage(folder: string, checkout: string): Builder {
  const cli = resolve(checkout, 'dist/cli.js');
  return createBuilder({ name: 'before', version: checkout, cli, root: join(folder, 'mkimage-before') });
}

interface Program {
  readonly name: string;
  readonly version: string;
  readonly cli: string;
  readonly root: string;
}

function createBuilder({ name, version, cli, root }: Program): Builder {
  const command = (args: readonly string[]) => createCommand(cli, root, args);
  return {
    name,
    version,
    reset: (base) => {
      rmSync(root, { recursive: true, force: true });
      return [command(['load', '--quiet', base.layout])];
    },
    build: (job) => [
      command([
        'build',
        `--file=${join(job.folder, 'Dockerfile')}`,
        '--tag=app',
        ...(job.isolation === undefined ? [] : [`--isolation=${job.isolation}`]),
        ...(job.output === 'image' ? [] : [`--output=type=oci,dest=${job.output.archive}`]),
        ...buildArgs(job, '--build-arg'),
        join(job.folder, 'context'),
      ]),
    ],
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function createMkimageCommand(root: string, args: readonly string[]): Command {
  return createCommand(CLI, root, args);
}

function createCommand(cli: string, root: string, args: readonly string[]): Command {
  return { words: [process.execPath, cli, ...args], env: { MKIMAGE_ROOT: root } };
}
