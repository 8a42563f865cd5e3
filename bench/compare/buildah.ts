import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../test/support/needs.ts';
import { type Absent, type Builder, buildArgs, type Command, type Isolation, type Job } from './builder.ts';

/** runc, as in BuildKit, or its own `chroot`, which comes nearest to bare namespaces. */
const ISOLATION: Readonly<Partial<Record<Isolation, readonly string[]>>> = {
  runc: ['--isolation=oci', '--runtime=runc'],
  namespaces: ['--isolation=chroot'],
};

/** Buildah with `--layers`, since it caches nothing without, and a store of its own. An archive takes it a second command. */
export function createBuildah(folder: string): Builder | Absent {
  const name = 'Buildah';
  const program = process.env.BUILDAH ?? programPath('buildah');
  if (program === undefined) return { name, missing: 'buildah is not on PATH, nor named by BUILDAH' };
  const root = join(folder, 'buildah');
  const store = [`--root=${root}`, `--runroot=${join(folder, 'buildah-run')}`, '--storage-driver=overlay'];
  const createCommand = (...args: readonly string[]): Command => ({ words: [program, ...store, ...args] });
  return {
    name,
    version: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(),
    reset: (base) => [
      createCommand('rmi', '--all', '--force'),
      createCommand('pull', '--quiet', `oci:${base.layout}`),
      createCommand('tag', base.config.replace('sha256:', ''), base.name),
    ],
    build: (job) => {
      const isolation = ISOLATION[job.isolation ?? 'runc'];
      if (isolation === undefined) return [];
      return [
        createCommand('build', ...isolation, ...buildFlags(job), join(job.folder, 'context')),
        ...(job.output === 'image'
          ? []
          : [createCommand('push', '--quiet', 'app', `oci-archive:${job.output.archive}`)]),
      ];
    },
    dispose: () => {
      execFileSync(program, [...store, 'rmi', '--all', '--force'], { stdio: 'ignore' });
      for (const each of [root, `${root}-run`]) rmSync(each, { recursive: true, force: true });
    },
  };
}

function buildFlags(job: Job): readonly string[] {
  return [
    ...['--layers', '--pull-never', '--tag=app', `--file=${join(job.folder, 'Dockerfile')}`],
    ...buildArgs(job, '--build-arg'),
  ];
}
