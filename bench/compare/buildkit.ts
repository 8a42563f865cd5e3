import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../test/support/needs.ts';
import type { Base } from './base.ts';
import { type Absent, type Builder, buildArgs, type Command, type DaemonMemory, type Job } from './builder.ts';

/**
 * BuildKit through `buildctl`. It has no image store; its `type=image` output, which compresses the new layers, is what comes
 * nearest. `BUILDKIT_IMAGE_OUTPUT` may say otherwise, e.g. `type=image,compression=uncompressed`.
 */
export function createBuildkit(): Builder | Absent {
  const name = 'BuildKit';
  const buildctl = process.env.BUILDCTL ?? programPath('buildctl');
  if (buildctl === undefined) return { name, missing: 'buildctl is not on PATH, nor named by BUILDCTL' };
  if (process.env.BUILDKIT_HOST === undefined)
    return { name, missing: 'BUILDKIT_HOST does not say where buildkitd is' };
  const daemon = openDaemonMemory();
  if (daemon === undefined) return { name, missing: 'no process here is called buildkitd' };
  return {
    name,
    version: execFileSync(buildctl, ['--version'], { encoding: 'utf8' }).trim(),
    daemon,
    reset: () => [{ words: [buildctl, 'prune', '--all'] }],
    build: (job) => [buildCommand(buildctl, job)],
    dispose: () => execFileSync(buildctl, ['prune', '--all'], { stdio: 'ignore' }),
  };
}

function buildCommand(buildctl: string, job: Job): Command {
  return {
    words: [
      ...[buildctl, 'build', '--progress=plain', '--frontend=dockerfile.v0'],
      ...[`--local=context=${join(job.folder, 'context')}`, `--local=dockerfile=${job.folder}`],
      ...createBaseFlags(job.base),
      ...buildArgs(job, '--opt', 'build-arg:'),
      `--output=${outputOf(job)}`,
    ],
  };
}

/** The base comes from the layout by digest, so that no registry is asked. */
function createBaseFlags({ name, layout, manifest }: Base): readonly string[] {
  return [`--oci-layout=base=${layout}`, `--opt=context:${name}=oci-layout://base@${manifest}`];
}

function outputOf({ output }: Job): string {
  if (output !== 'image') return `type=oci,dest=${output.archive}`;
  return `${process.env.BUILDKIT_IMAGE_OUTPUT ?? 'type=image'},name=example.test/app`;
}

/** The kernel keeps the peak of each process; writing 5 to `clear_refs` starts it anew. */
function openDaemonMemory(): DaemonMemory | undefined {
  const pid = readdirSync('/proc').find((each) => /^\d+$/.test(each) && nameOf(each) === 'buildkitd');
  if (pid === undefined) return undefined;
  return {
    resetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
    readPeakMiB: () => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}

function nameOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it has ended
  }
}
