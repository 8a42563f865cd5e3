import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Builder, buildArgs, type Command } from './builder.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

/** mkimage as it was bundled last (`npm run build`), with a store of its own. */
export function mkimage(folder: string): Builder {
  const root = join(folder, 'mkimage');
  return {
    name: 'mkimage',
    version: 'this tree',
    reset: (base) => {
      rmSync(root, { recursive: true, force: true });
      return [mkimageCommand(root, ['load', '--quiet', base.layout])];
    },
    build: (job) => [
      mkimageCommand(root, [
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

export function mkimageCommand(root: string, args: readonly string[]): Command {
  return { words: [process.execPath, CLI, ...args], env: { MKIMAGE_ROOT: root } };
}
