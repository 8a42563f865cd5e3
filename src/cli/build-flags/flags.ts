import type { CompletedThing, Flags } from '../arguments.ts';
import { PROGRESS_MODES } from '../render/open-renderer.ts';

const switchFlag = (describe: string) => ({ type: 'boolean', describe }) as const;
const text = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', describe, completes }) as const;
const list = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', array: true, describe, completes }) as const;

/** Accepted because scripts written for `docker build` have them; they change nothing here (see `ignoredFlagNotes`). */
const IGNORED = {
  attest: { ...list('attestations'), hidden: true },
  builder: { ...text('which builder'), hidden: true },
  'cache-from': { ...list('remote caches'), hidden: true },
  'cache-to': { ...list('remote caches'), hidden: true },
  'cgroup-parent': { ...text('parent cgroup'), hidden: true },
  compress: { ...switchFlag('compress the context'), hidden: true },
  'cpu-period': { ...text('limit'), hidden: true },
  'cpu-quota': { ...text('limit'), hidden: true },
  'cpu-shares': { ...text('limit'), alias: 'c', hidden: true },
  'cpuset-cpus': { ...text('limit'), hidden: true },
  'cpuset-mems': { ...text('limit'), hidden: true },
  'force-rm': { ...switchFlag('remove intermediate containers'), hidden: true },
  memory: { ...text('limit'), alias: 'm', hidden: true },
  'memory-swap': { ...text('limit'), hidden: true },
  provenance: { ...text('attestations'), hidden: true },
  resource: { ...list('limits, KEY=VALUE'), hidden: true },
  rm: { ...switchFlag('remove intermediate containers'), hidden: true },
  sbom: { ...text('attestations'), hidden: true },
  'security-opt': { ...list('security options'), hidden: true },
  squash: { ...switchFlag('squash layers'), hidden: true },
} as const satisfies Flags;

/** Every flag of `mkimage build`. */
export const BUILD_FLAGS = {
  file: { ...text('build file, `-` for stdin (default: Imagefile, Dockerfile or Containerfile)', 'file'), alias: 'f' },
  tag: { ...list('name of the image, NAME[:TAG]; repeatable'), alias: 't' },
  target: text('stage to build (default: the last)', 'stage'),
  'build-arg': list('value of an ARG, NAME=VALUE, or NAME to take it from the environment; repeatable'),
  label: list('label of the image, KEY=VALUE; repeatable'),
  annotation: list('annotation of the manifest, KEY=VALUE; repeatable'),
  platform: text('platform of the image, e.g. linux/arm64', 'platform'),
  'build-context': list('another context, NAME=DIRECTORY|docker-image://|oci-layout://|git|https; repeatable'),
  secret: list('secret for RUN --mount=type=secret, id=ID[,src=FILE|,env=NAME]; repeatable', 'secret'),
  ssh: list('agent socket or keys for RUN --mount=type=ssh, default|ID[=SOCKET|KEY,…]; repeatable'),

  output: { ...list('where to write the image, e.g. type=oci,dest=app.tar; repeatable', 'output'), alias: 'o' },
  iidfile: text('write the image ID to a file', 'file'),
  'metadata-file': text('write facts about the result to a file, as JSON', 'file'),
  load: switchFlag('keep the image in the local store (always done)'),
  push: switchFlag('push the image to its registry (not in this version)'),

  'no-cache': switchFlag('run every step'),
  'no-cache-filter': list('run every step of these stages; repeatable', 'stage'),
  pull: switchFlag('ask the registry for newer base images'),

  network: { ...text('network of RUN steps: default, none, host'), choices: ['default', 'none', 'host'] },
  'add-host': list('line of /etc/hosts in RUN steps, NAME:IP; repeatable'),
  allow: list('entitlement for RUN steps, e.g. security.insecure; repeatable'),
  policy: { ...list('policy for sources; only `disabled=true` and `reset=true` are understood'), hidden: true },
  'shm-size': text('size of /dev/shm in RUN steps, e.g. 128m'),
  ulimit: list('limit in RUN steps, NAME=SOFT[:HARD]; repeatable'),
  isolation: {
    ...text('how RUN steps are kept apart: auto, runc, crun, namespaces'),
    choices: ['auto', 'default', 'runc', 'crun', 'namespaces'],
  },
  ca: text('file (PEM) of more certificate authorities, for RUN steps and for what is fetched', 'file'),

  call: text('what to do: build, check, outline, targets; with `,format=json` for programs'),
  check: switchFlag('the same as --call=check'),
  progress: { ...text('how to show progress: auto, tty, plain, quiet, none, rawjson'), choices: PROGRESS_MODES },
  quiet: { ...switchFlag('print the image ID only'), alias: 'q' },
  ...IGNORED,
} as const satisfies Flags;

const NO_REMOTE_CACHE = 'remote caches are not there yet; the local cache is always used';
const NO_ATTESTATIONS = 'attestations are not written yet';
const NO_LIMITS = 'resource limits are not applied to RUN steps';

/** Flags whose being ignored matters, and what to say then. */
const NOTES: Readonly<Partial<Record<keyof typeof IGNORED, string>>> = {
  attest: NO_ATTESTATIONS,
  'cache-from': NO_REMOTE_CACHE,
  'cache-to': NO_REMOTE_CACHE,
  'cgroup-parent': NO_LIMITS,
  'cpu-period': NO_LIMITS,
  'cpu-quota': NO_LIMITS,
  'cpu-shares': NO_LIMITS,
  'cpuset-cpus': NO_LIMITS,
  'cpuset-mems': NO_LIMITS,
  memory: NO_LIMITS,
  'memory-swap': NO_LIMITS,
  provenance: NO_ATTESTATIONS,
  resource: NO_LIMITS,
  sbom: NO_ATTESTATIONS,
  'security-opt': 'security options are those of the isolation',
  squash: 'every step keeps its layer',
};

/** One sentence for each flag that was given, is ignored, and whose user would want to know. */
export function ignoredFlagNotes(flags: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(NOTES)
    .filter(([name]) => isGiven(flags[name]))
    .map(([name, note]) => `\`--${name}\` is ignored: ${note}`);
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value)
    ? value.some((use) => use !== '')
    : value !== undefined && value !== false && value !== 'false';
}
