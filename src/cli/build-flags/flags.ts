import type { CompletedThing, Flags } from '../arguments.ts';
import { PROGRESS_MODES } from '../render/open-renderer.ts';

const switchFlag = (describe: string) => ({ type: 'boolean', describe }) as const;
const text = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', describe, completes }) as const;
const list = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', array: true, describe, completes }) as const;

/** Flags that have no effect. They are accepted because scripts for `docker build` use them (see `listIgnoredFlagNotes`). */
const IGNORED = {
  attest: { ...list('attestations'), hidden: true },
  builder: { ...text('name of the builder'), hidden: true },
  'cache-from': { ...list('external cache sources'), hidden: true },
  'cache-to': { ...list('cache export destinations'), hidden: true },
  'cgroup-parent': { ...text('parent cgroup'), hidden: true },
  compress: { ...switchFlag('compress the context'), hidden: true },
  'cpu-period': { ...text('CPU period limit'), hidden: true },
  'cpu-quota': { ...text('CPU quota limit'), hidden: true },
  'cpu-shares': { ...text('CPU shares'), alias: 'c', hidden: true },
  'cpuset-cpus': { ...text('CPUs in which to allow execution'), hidden: true },
  'cpuset-mems': { ...text('MEMs in which to allow execution'), hidden: true },
  'force-rm': { ...switchFlag('remove intermediate containers'), hidden: true },
  memory: { ...text('memory limit'), alias: 'm', hidden: true },
  'memory-swap': { ...text('memory and swap limit'), hidden: true },
  provenance: { ...text('attestations'), hidden: true },
  resource: { ...list('limits, KEY=VALUE'), hidden: true },
  rm: { ...switchFlag('remove intermediate containers'), hidden: true },
  sbom: { ...text('attestations'), hidden: true },
  'security-opt': { ...list('security options'), hidden: true },
  squash: { ...switchFlag('squash layers'), hidden: true },
} as const satisfies Flags;

/** Every flag of `mkimage build`. */
export const BUILD_FLAGS = {
  file: {
    ...text('path of the build file, `-` for stdin (default: Imagefile, Dockerfile or Containerfile)', 'file'),
    alias: 'f',
  },
  tag: { ...list('image identifier, [REGISTRY/]REPOSITORY[:TAG]; repeatable'), alias: 't' },
  target: text('target build stage (default: the last stage)', 'stage'),
  'build-arg': list('set a build-time variable, NAME=VALUE, or NAME to use its environment variable; repeatable'),
  label: list('set metadata for the image, KEY=VALUE; repeatable'),
  annotation: list('add an annotation to the image, KEY=VALUE; repeatable'),
  platform: text('set the target platform, e.g. linux/arm64', 'platform'),
  'build-context': list('additional build context, NAME=DIRECTORY|docker-image://|oci-layout://|git|https; repeatable'),
  secret: list('secret to expose to the build, id=ID[,src=FILE|,env=NAME]; repeatable', 'secret'),
  ssh: list('SSH agent socket or keys to expose to the build, default|ID[=SOCKET|KEY,…]; repeatable'),

  output: { ...list('output destination, e.g. type=oci,dest=app.tar; repeatable', 'output'), alias: 'o' },
  iidfile: text('write the image ID to a file', 'file'),
  'metadata-file': text('write build result metadata to a file, as JSON', 'file'),
  load: switchFlag('store the image in the local store (always done)'),
  push: switchFlag('push the image to its registry (not supported yet)'),

  'no-cache': switchFlag('do not use the cache when building the image'),
  'no-cache-filter': list('do not use the cache for these stages; repeatable', 'stage'),
  pull: switchFlag('always look up base images in their registries'),

  network: {
    ...text('networking mode for RUN instructions: default, none, host'),
    choices: ['default', 'none', 'host'],
  },
  'add-host': list('add a custom host-to-IP mapping for RUN instructions, HOST:IP; repeatable'),
  allow: list('allow an extra privileged entitlement, e.g. security.insecure; repeatable'),
  policy: { ...list('source policy; only `disabled=true` and `reset=true` are supported'), hidden: true },
  'shm-size': text('shared memory size (/dev/shm) for RUN instructions, e.g. 128m'),
  ulimit: list('ulimit for RUN instructions, NAME=SOFT[:HARD]; repeatable'),
  isolation: {
    ...text('isolation of RUN instructions: auto, runc, crun, namespaces'),
    choices: ['auto', 'default', 'runc', 'crun', 'namespaces'],
  },
  ca: text('PEM file with additional certificate authorities, for RUN instructions and downloads', 'file'),

  call: text('method for evaluating the build: build, check, outline, targets; `,format=json` prints JSON'),
  check: switchFlag('shorthand for --call=check'),
  progress: { ...text('type of progress output: auto, tty, plain, quiet, none, rawjson'), choices: PROGRESS_MODES },
  quiet: { ...switchFlag('suppress the build output and print the image ID on success'), alias: 'q' },
  ...IGNORED,
} as const satisfies Flags;

const NO_REMOTE_CACHE = 'remote caches are not supported yet; the local cache is always used';
const NO_ATTESTATIONS = 'attestations are not supported yet';
const NO_LIMITS = 'resource limits are not applied to RUN instructions';

/** Notes for ignored flags that a user expects to have an effect. */
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
  'security-opt': 'the isolation decides the security options',
  squash: 'every step creates its own layer',
};

/** Lists one note for each flag that is set and has no effect. */
export function listIgnoredFlagNotes(flags: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(NOTES)
    .filter(([name]) => isSet(flags[name]))
    .map(([name, note]) => `\`--${name}\` is ignored: ${note}`);
}

function isSet(value: unknown): boolean {
  return Array.isArray(value)
    ? value.some((use) => use !== '')
    : value !== undefined && value !== false && value !== 'false';
}
