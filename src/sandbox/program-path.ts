import type { ProcessSpec } from './index.ts';

/** Where programs are looked for if the environment does not say. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Every path at which a step's program is looked for, in order: its own if it has a slash, else one in each folder of `PATH`. */
export function programPaths({ args, env }: Pick<ProcessSpec, 'args' | 'env'>): readonly string[] {
  const program = args[0] ?? '';
  if (program.includes('/')) return [program];
  const path = env.findLast((assignment) => assignment.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  return path.split(':').map((folder) => (folder === '' ? `./${program}` : `${folder}/${program}`));
}
