import type { CompletedThing, Flags } from '../arguments.ts';
import { PROGRESS_MODES } from '../render/open-renderer.ts';

const createSwitchFlag = (describe: string) => ({ type: 'boolean', describe }) as const;
const createTextFlag = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', describe, completes }) as const;
const list = (describe: string, completes: CompletedThing = 'nothing') =>
  ({ type: 'string', array: true, describe, completes }) as const;

/** Flags that have no effect. They are accepted because scripts for `docker build` use them (see `listIgnoredFlagNotes`). */
const IGNORED = {
  attest: { ...list('attestations'), hidden: true },
  builder: { ...createTextFlag('name of the builder'), hidden: true },
  'cgroup-parent': { ...createTextFlag('parent cgroup'), hidden: true },
  compress: { ...createSwitchFlag('compress the context'), hidden: true },
  'cpu-period': { ...createTextFlag('CPU period limit'), hidden: true },
  'cpu-quota': { ...createTextFlag('CPU quota limit'), hidden: true },
  'cpu-shares': { ...createTextFlag('CPU shares'), alias: 'c', hidden: true },
  'cpuset-cpus': { ...createTextFlag('CPUs in which to allow execution'), hidden: true },
  'cpuset-mems': { ...createTextFlag('MEMs in which to allow execution'), hidden: true },
  'force-rm': { ...createSwitchFlag('remove intermediate containers'), hidden: true },
  memory: { ...createTextFlag('memory limit'), alias: 'm', hidden: true },
  'memory-swap': { ...createTextFlag('memory and swap limit'), hidden: true },
  provenance: { ...createTextFlag('attestations'), hidden: true },
  resource: { ...list('limits, KEY=VALUE'), hidden: true },
  rm: { ...createSwitchFlag('remove intermediate containers'), hidden: true },
  sbom: { ...createTextFlag('attestations'), hidden: true },
  'security-opt': { ...list('security options'), hidden: true },
  squash: { ...createSwitchFlag('squash layers'), hidden: true },
} as const satisfies Flags;

/** Every flag of `mkimage build`. */
export const BUILD_FLAGS = {
  file: {
    ...createTextFlag(
      'path of the build file, `-` for stdin (default: Imagefile, Dockerfile or Containerfile)',
      'file',
    ),
    alias: 'f',
  },
  tag: { ...list('image identifier, [REGISTRY/]REPOSITORY[:TAG]; repeatable'), alias: 't' },
  target: createTextFlag('target build stage (default: the last stage)', 'stage'),
  'build-arg': list('set a build-time variable, NAME=VALUE, or NAME to use its environment variable; repeatable'),
  label: list('set metadata for the image, KEY=VALUE; repeatable'),
  annotation: list('add an annotation to the image, KEY=VALUE; repeatable'),
  platform: list('set the target platforms, e.g. linux/amd64,linux/arm64; repeatable', 'platform'),
  'build-context': list('additional build context, NAME=DIRECTORY|docker-image://|oci-layout://|git|https; repeatable'),
  secret: list('secret to expose to the build, id=ID[,src=FILE|,env=NAME]; repeatable', 'secret'),
  ssh: list('SSH agent socket or keys to expose to the build, default|ID[=SOCKET|KEY,…]; repeatable'),

  output: { ...list('output destination, e.g. type=oci,dest=app.tar; repeatable', 'output'), alias: 'o' },
  iidfile: createTextFlag('write the image ID to a file', 'file'),
  'digest-file': createTextFlag('write the digest of the pushed manifest or index to a file', 'file'),
  'metadata-file': createTextFlag('write build result metadata to a file, as JSON', 'file'),
  load: createSwitchFlag('store the image in the local store (always done)'),
  part: createSwitchFlag('with --push: push each platform as a part of an image that mkimage join completes'),
  push: createSwitchFlag('push the image to the registries of its names; shorthand for --output=type=registry'),

  'cache-from': list('external cache source, NAME or type=registry|local|s3|gha,…; repeatable', 'cache'),
  'cache-to': list('cache export destination, type=registry|local|inline|s3|gha,…; repeatable', 'cache'),
  'expect-cached': {
    ...list(
      'fail if a step is not in the cache: all, or those of a STAGE or that begin with a text; repeatable',
      'stage',
    ),
    bare: '',
  },
  'no-cache': createSwitchFlag('do not use the cache when building the image'),
  'no-cache-filter': list('do not use the cache for these stages; repeatable', 'stage'),
  pull: createSwitchFlag('always look up base images in their registries'),

  network: {
    ...createTextFlag('networking mode for RUN instructions: default, none, host'),
    choices: ['default', 'none', 'host'],
  },
  'add-host': list('add a custom host-to-IP mapping for RUN instructions, HOST:IP; repeatable'),
  allow: list('allow an extra privileged entitlement, e.g. security.insecure; repeatable'),
  policy: { ...list('source policy; only `disabled=true` and `reset=true` are supported'), hidden: true },
  'shm-size': createTextFlag('shared memory size (/dev/shm) for RUN instructions, e.g. 128m'),
  ulimit: list('ulimit for RUN instructions, NAME=SOFT[:HARD]; repeatable'),
  isolation: {
    ...createTextFlag('isolation of RUN instructions: auto, runc, crun, namespaces, chroot'),
    choices: ['auto', 'default', 'runc', 'crun', 'namespaces', 'chroot'],
  },
  ca: createTextFlag('PEM file with additional certificate authorities, for RUN instructions and downloads', 'file'),

  call: createTextFlag('method for evaluating the build: build, check, outline, targets; `,format=json` prints JSON'),
  check: createSwitchFlag('shorthand for --call=check'),
  progress: {
    ...createTextFlag('type of progress output: auto, tty, plain, quiet, none, rawjson'),
    choices: PROGRESS_MODES,
  },
  quiet: { ...createSwitchFlag('suppress the build output and print the image ID on success'), alias: 'q' },
  ...IGNORED,
} as const satisfies Flags;

const NO_ATTESTATIONS = 'attestations are not supported yet';
const NO_LIMITS = 'resource limits are not applied to RUN instructions';

/** Notes for ignored flags that a user expects to have an effect. */
const NOTES: Readonly<Partial<Record<keyof typeof IGNORED, string>>> = {
  attest: NO_ATTESTATIONS,
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
