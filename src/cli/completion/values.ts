/** Candidates for values of flags and for operands. */
import type { CompletedThing } from '../arguments.ts';
import { type Candidate, type Completion, filterCandidates, NOTHING } from './completion.ts';

/** Sources of names that only this machine knows. Each one returns an empty list on errors. */
export interface ValueSources {
  images(): Promise<readonly string[]>;
  containers(): Promise<readonly string[]>;
  cacheMounts(): Promise<readonly string[]>;
  /** Names of the stages in the build file that the command line refers to. */
  stages(words: readonly string[]): Promise<readonly string[]>;
}

interface Completed {
  readonly completes?: CompletedThing;
  readonly choices?: readonly unknown[] | undefined;
}

interface Typed {
  readonly typed: string;
  readonly earlier: readonly string[];
  /** `--flag=`, if the value is a part of the same word. */
  readonly prefix?: string;
}

/** Common platforms of images. */
const PLATFORMS = ['amd64', 'arm64', 'arm/v7', 'arm/v6', '386', 'ppc64le', 'riscv64', 's390x'].map(
  (name) => `linux/${name}`,
);

/** Beginnings of values in `key=value` syntax. */
const STARTS: Readonly<Partial<Record<CompletedThing, readonly Candidate[]>>> = {
  output: [
    { value: 'type=oci,dest=', about: 'an archive of an OCI layout' },
    { value: 'type=docker,dest=', about: 'an archive for docker load' },
    { value: 'type=tar,dest=', about: 'the root filesystem as a tar' },
    { value: 'type=local,dest=', about: 'the root filesystem in a directory' },
    { value: 'type=image,name=', about: 'an image in the local store' },
  ],
  cache: [
    { value: 'type=registry,ref=', about: 'a repository of a registry' },
    { value: 'type=local,dest=', about: 'a folder to write' },
    { value: 'type=local,src=', about: 'a folder to read' },
    { value: 'type=inline', about: 'inside the image' },
    { value: 'type=s3,bucket=', about: 'a bucket' },
    { value: 'type=gha,scope=', about: 'the cache of GitHub Actions' },
  ],
  secret: [{ value: 'id=', about: 'id=NAME[,src=FILE|,env=VARIABLE]' }],
};

export async function completeValue(flag: Completed, at: Typed, sources: ValueSources): Promise<Completion> {
  const { typed, prefix = '' } = at;
  if (flag.choices !== undefined) return filterValues(flag.choices.map(String), typed, prefix);
  switch (flag.completes) {
    case 'file':
      return { candidates: [], paths: 'files' };
    case 'directory':
      return { candidates: [], paths: 'directories' };
    case 'image':
      return filterValues(await sources.images(), typed, prefix);
    case 'container':
      return filterValues(await sources.containers(), typed, prefix);
    case 'cache-mount':
      return filterValues(await sources.cacheMounts(), typed, prefix);
    case 'stage':
      return filterValues(await sources.stages(at.earlier), typed, prefix);
    case 'platform':
      return completePlatforms(typed, prefix);
    case 'output':
    case 'cache':
    case 'secret':
      return filterCandidates(typed, STARTS[flag.completes] ?? []);
    default:
      return NOTHING;
  }
}

/** The last platform of a list; the ones before it stay. */
function completePlatforms(typed: string, prefix: string): Completion {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const given = before.split(',');
  const others = PLATFORMS.filter((platform) => !given.includes(platform));
  return filterValues(others, typed.slice(before.length), `${prefix}${before}`);
}

function filterValues(values: readonly string[], typed: string, prefix: string): Completion {
  const { candidates } = filterCandidates(
    typed,
    values.map((value) => ({ value, about: '' })),
  );
  return { candidates: candidates.map(({ value }) => ({ value: `${prefix}${value}`, about: '' })), paths: 'none' };
}
