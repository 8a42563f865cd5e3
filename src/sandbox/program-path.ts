import type { ProcessSpec } from './index.ts';

/** The default `PATH`. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Returns the paths to try for a step's program, in order: its own path if it has a slash, otherwise one in each folder of `PATH`. */
export function programPaths({ args, env }: Pick<ProcessSpec, 'args' | 'env'>): readonly string[] {
  const program = args[0] ?? '';
  if (program.includes('/')) return [program];
  const path = env.findLast((assignment) => assignment.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  return path.split(':').map((folder) => (folder === '' ? `./${program}` : `${folder}/${program}`));
}
