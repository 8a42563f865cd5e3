/** What may stand as the value of a flag, or as an operand. */
import type { CompletedThing } from '../arguments.ts';
import { type Candidate, type Completion, NOTHING, offer } from './completion.ts';

/** Where the names come from that only this machine knows. Each is asked when it is needed, and fails with no names. */
export interface ValueSources {
  images(): Promise<readonly string[]>;
  cacheMounts(): Promise<readonly string[]>;
  /** The named stages of the build file that the words of the command line mean. */
  stages(words: readonly string[]): Promise<readonly string[]>;
}

interface Completed {
  readonly completes?: CompletedThing;
  readonly choices?: readonly unknown[] | undefined;
}

interface Typed {
  readonly typed: string;
  readonly earlier: readonly string[];
  /** `--flag=`, where the value is a part of the word. */
  readonly prefix?: string;
}

/** Pairs of Linux platforms that images are commonly built for. */
const PLATFORMS = ['amd64', 'arm64', 'arm/v7', 'arm/v6', '386', 'ppc64le', 'riscv64', 's390x'].map(
  (name) => `linux/${name}`,
);

/** Starts of values that are written as `key=value` lists. */
const STARTS: Readonly<Partial<Record<CompletedThing, readonly Candidate[]>>> = {
  output: [
    { value: 'type=oci,dest=', about: 'an archive of an OCI layout' },
    { value: 'type=docker,dest=', about: 'an archive for docker load' },
    { value: 'type=tar,dest=', about: 'the root filesystem as a tar' },
    { value: 'type=local,dest=', about: 'the root filesystem in a directory' },
    { value: 'type=image,name=', about: 'an image in the local store' },
  ],
  secret: [{ value: 'id=', about: 'id=NAME[,src=FILE|,env=VARIABLE]' }],
};

export async function completeValue(flag: Completed, at: Typed, sources: ValueSources): Promise<Completion> {
  const { typed, prefix = '' } = at;
  if (flag.choices !== undefined) return offerValues(flag.choices.map(String), typed, prefix);
  switch (flag.completes) {
    case 'file':
      return { candidates: [], paths: 'files' };
    case 'directory':
      return { candidates: [], paths: 'directories' };
    case 'image':
      return offerValues(await sources.images(), typed, prefix);
    case 'cache-mount':
      return offerValues(await sources.cacheMounts(), typed, prefix);
    case 'stage':
      return offerValues(await sources.stages(at.earlier), typed, prefix);
    case 'platform':
      return offerValues(PLATFORMS, typed, prefix);
    case 'output':
    case 'secret':
      return offer(typed, STARTS[flag.completes] ?? []);
    default:
      return NOTHING;
  }
}

function offerValues(values: readonly string[], typed: string, prefix: string): Completion {
  const { candidates } = offer(
    typed,
    values.map((value) => ({ value, about: '' })),
  );
  return { candidates: candidates.map(({ value }) => ({ value: `${prefix}${value}`, about: '' })), paths: 'none' };
}
