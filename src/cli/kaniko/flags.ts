/** The flags of kaniko's executor, and of its living fork. */
import type { Flags } from '../arguments.ts';

const text = (describe: string) => ({ type: 'string', describe }) as const;
const list = (describe: string) => ({ type: 'string', array: true, describe }) as const;
const toggle = (describe: string) => ({ type: 'boolean', describe }) as const;
/** Names of earlier versions, and flags without an effect, are not in the help text. */
const hide = <F extends object>(flag: F) => ({ ...flag, hidden: true }) as const;

/** Flags about how kaniko works inside. mkimage works otherwise, so they are accepted without an effect. */
const WITHOUT_EFFECT = {
  'azure-container-registry-config': hide(text('credentials for Azure')),
  'cache-copy-layers': hide(toggle('cache COPY layers')),
  'cache-dir': hide(text('directory of the warmer')),
  'cache-run-layers': hide(toggle('cache RUN layers')),
  'cache-ttl': hide(text('age of cached layers')),
  cleanup: hide(toggle('clean the file system at the end')),
  'credential-helpers': hide(list('credential helpers')),
  force: hide(toggle('build outside of a container')),
  'force-build-metadata': hide(toggle('add metadata layers')),
  'ignore-path': hide(list('paths left out of snapshots')),
  'ignore-var-run': hide(toggle('leave /var/run out of snapshots')),
  'image-download-retry': hide(text('retries of downloads')),
  'image-fs-extract-retry': hide(text('retries of unpacking')),
  'kaniko-dir': hide(text('directory of kaniko')),
  'log-timestamp': hide(toggle('timestamps in the output')),
  materialize: hide(toggle('unpack the image at the end')),
  'pre-cleanup': hide(toggle('clean the file system at the beginning')),
  'preserve-context': hide(toggle('keep the build context')),
  'push-ignore-immutable-tag-errors': hide(toggle('ignore a refused push to an immutable tag')),
  'push-retry': hide(text('retries of the push')),
  'single-snapshot': hide(toggle('one layer for all steps')),
  'skip-push-permission-check': hide(toggle('do not check the permission to push')),
  'skip-unused-stages': hide(toggle('build only needed stages')),
  'snapshot-mode': hide(text('how changes are found')),
  snapshotMode: hide(text('older name of --snapshot-mode')),
  'use-new-run': hide(toggle('find changes without snapshots')),
  'whitelist-var-run': hide(toggle('older name of --ignore-var-run')),
} as const satisfies Flags;

export const WITHOUT_EFFECT_NAMES: ReadonlySet<string> = new Set(Object.keys(WITHOUT_EFFECT));

/** Flags whose missing effect changes the result, with what happens instead. */
export const CHANGED_RESULTS: Readonly<Record<string, string>> = {
  'ignore-path': 'layers contain the changes of the steps and nothing else, and no path is left out',
  'push-ignore-immutable-tag-errors': 'a push that the registry refuses is an error',
  'single-snapshot': 'every step creates its own layer',
};

export const KANIKO_FLAGS = {
  context: { ...text('build context: a directory, dir://, tar://, git://…#ref#commit, https://'), alias: 'c' },
  'context-sub-path': text('directory inside of the context'),
  dockerfile: { ...text('path of the build file (default: Dockerfile)'), alias: 'f' },
  destination: { ...list('name of the image in a registry; repeatable'), alias: 'd' },
  'no-push': toggle('do not push the image'),
  'tar-path': text('also write the image to a docker-archive'),
  tarPath: hide(text('older name of --tar-path')),
  'oci-layout-path': text('also write the image to an OCI layout directory'),
  'digest-file': text('write the digest of the image to a file'),
  'image-name-with-digest-file': text('write REPOSITORY@DIGEST of each destination to a file'),
  'image-name-tag-with-digest-file': text('write REPOSITORY:TAG@DIGEST of each destination to a file'),

  'build-arg': list('set a build-time variable, NAME=VALUE, or NAME to use its environment variable; repeatable'),
  label: list('set metadata for the image, KEY=VALUE; repeatable'),
  annotation: list('add an annotation to the image, KEY=VALUE; repeatable'),
  secret: list('secret to expose to the build, id=ID[,src=FILE|,env=NAME]; repeatable'),
  target: text('target build stage (default: the last stage)'),
  'custom-platform': text('platform of the image, e.g. linux/arm64'),
  customPlatform: hide(text('older name of --custom-platform')),
  git: text('for git contexts: branch=NAME,single-branch=true,recurse-submodules=true'),
  reproducible: toggle('set all times in the image to 1970 (as SOURCE_DATE_EPOCH=0)'),
  compression: { ...text('compression of the layers'), choices: ['gzip', 'zstd'] },
  'compression-level': text('level of the compression'),

  cache: toggle('use the cache: of this machine, and the one in --cache-repo'),
  'cache-repo': text('repository of the cache (default: the first destination with /cache), or oci:DIRECTORY'),
  'compressed-caching': { ...toggle('compress the layers of the cache'), default: true },
  'no-push-cache': toggle('only read the cache'),

  insecure: toggle('allow plain HTTP when pushing'),
  'insecure-pull': toggle('allow plain HTTP when pulling'),
  'insecure-registry': list('allow plain HTTP with this registry; repeatable'),
  'skip-tls-verify': toggle('do not verify certificates when pushing'),
  'skip-tls-verify-pull': toggle('do not verify certificates when pulling'),
  'skip-tls-verify-registry': list('do not verify the certificate of this registry; repeatable'),
  'registry-certificate': list('certificate authority for a registry, HOST=FILE; repeatable'),
  'registry-client-cert': list('client certificate for a registry, HOST=CERTIFICATE,KEY; repeatable'),
  'registry-mirror': list('mirror of Docker Hub, HOST[/PATH]; repeatable'),
  'registry-map': list('mirrors of registries, REGISTRY=MIRROR[;REGISTRY=MIRROR…]; repeatable'),
  'skip-default-registry-fallback': toggle('ask only the mirrors'),

  verbosity: {
    ...text('amount of output: trace, debug, info, warn, error, fatal, panic'),
    alias: 'v',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'panic'],
  },
  'log-format': { ...text('form of the output: text, color, json'), choices: ['text', 'color', 'json'] },
  bucket: hide({ ...text('bucket of the context'), alias: 'b' }),
  ...WITHOUT_EFFECT,
} as const satisfies Flags;

/** One line for all flags that are set and have no effect, and one for each whose effect a user would miss. */
export function listNotes(flags: Readonly<Record<string, unknown>>): readonly string[] {
  const given = [...WITHOUT_EFFECT_NAMES].filter((name) => isSet(flags[name]));
  const changed = given.filter((name) => Object.hasOwn(CHANGED_RESULTS, name));
  const silent = given.filter((name) => !changed.includes(name)).map((name) => `\`--${name}\``);
  const verb = silent.length === 1 ? 'has' : 'have';
  return [
    ...(silent.length === 0 ? [] : [`${silent.join(', ')} ${verb} no effect: mkimage needs no such setting`]),
    ...changed.map((name) => `\`--${name}\` is ignored: ${CHANGED_RESULTS[name]}`),
  ];
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
