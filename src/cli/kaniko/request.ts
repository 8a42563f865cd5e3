/** Turns the flags of kaniko's executor into those of `mkimage build`. */
import { MkimageError } from '../../errors.ts';
import { digestOf, encodedOf, formatReference, parseReference } from '../../oci/index.ts';
import type { FlagValues } from '../arguments.ts';
import { toFlagValues } from '../arguments.ts';
import { BUILD_FLAGS } from '../build-flags/flags.ts';
import type { BuildFlags } from '../build-flags/request.ts';
import type { Terminal } from '../terminal.ts';
import type { KANIKO_FLAGS } from './flags.ts';

export type KanikoFlags = FlagValues<typeof KANIKO_FLAGS>;

/** Throws `usage` for combinations that kaniko refuses too. */
export function toBuildFlags(flags: KanikoFlags, env: Terminal['env']): BuildFlags {
  checkCombinations(flags);
  const cache = findCache(flags);
  return {
    ...toFlagValues([], BUILD_FLAGS),
    file: flags.dockerfile || undefined,
    tag: flags.destination,
    target: flags.target || undefined,
    'build-arg': readBuildArgs(flags, env),
    label: flags.label,
    annotation: flags.annotation,
    secret: flags.secret,
    platform: [flags['custom-platform'] ?? flags.customPlatform ?? ''].filter((each) => each !== ''),
    output: listOutputs(flags),
    'digest-file': flags['digest-file'] || undefined,
    'cache-from': cache === undefined ? [] : [cache.from],
    'cache-to': cache === undefined || flags['no-push-cache'] ? [] : [cache.to],
    // Without `--cache`, kaniko runs every step.
    'no-cache': !flags.cache,
    progress: readProgress(flags),
  };
}

function checkCombinations(flags: KanikoFlags): void {
  flags.destination.forEach(checkDestination);
  if (flags.bucket !== undefined) {
    throw new MkimageError('unsupported', 'read `--bucket`: contexts in buckets are not read', {
      hint: 'fetch the archive and give it as `--context tar://FILE`',
    });
  }
  if (flags.destination.length > 0) return;
  if (!flags['no-push'])
    throw new MkimageError('usage', 'you must provide `--destination`, or use `--no-push`', {
      hint: 'e.g. `--destination registry.example.com/app:1`',
    });
  const file = NAME_FILES.find((name) => flags[name] !== undefined);
  if (file !== undefined) throw new MkimageError('usage', `\`--${file}\` needs \`--destination\``);
}

function checkDestination(name: string): void {
  try {
    if (parseReference(name).digest === undefined) return;
  } catch (error) {
    throw new MkimageError('usage', `read \`--destination ${name}\`: it is not a name of an image`, { cause: error });
  }
  throw new MkimageError('usage', `read \`--destination ${name}\`: a destination has a tag, not a digest`);
}

const NAME_FILES = ['image-name-with-digest-file', 'image-name-tag-with-digest-file'] as const;

/** An unset variable is an empty argument, as in kaniko. */
function readBuildArgs(flags: KanikoFlags, env: Terminal['env']): readonly string[] {
  const given = flags['build-arg'].map((value) => {
    return value.includes('=') || Object.hasOwn(env, value) ? value : `${value}=`;
  });
  const isTimed = given.some((value) => value.startsWith('SOURCE_DATE_EPOCH')) || env.SOURCE_DATE_EPOCH !== undefined;
  return flags.reproducible && !isTimed ? [...given, 'SOURCE_DATE_EPOCH=0'] : given;
}

function listOutputs(flags: KanikoFlags): readonly string[] {
  const archive = flags['tar-path'] ?? flags.tarPath;
  const layout = flags['oci-layout-path'];
  const form = [
    ...(flags.compression === undefined ? [] : [`compression=${flags.compression}`, 'force-compression=true']),
    ...(flags['compression-level'] === undefined ? [] : [`compression-level=${flags['compression-level']}`]),
  ];
  const write = (...options: readonly string[]) => [...options, ...form].map(quote).join(',');
  return [
    ...(archive ? [write('type=docker', `dest=${archive}`)] : []),
    ...(layout ? [write('type=oci', `dest=${layout}`, 'tar=false')] : []),
    ...(flags['no-push'] ? [] : [write('type=registry', ...listInsecure(flags))]),
  ];
}

/** `--insecure` is about pushing, and so about the cache too. */
function listInsecure(flags: KanikoFlags): readonly string[] {
  return flags.insecure || flags['skip-tls-verify'] ? ['registry.insecure=true'] : [];
}

/** A field of a comma-separated line. */
function quote(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

interface CachePlace {
  readonly from: string;
  readonly to: string;
}

/** kaniko's caches hold single layers. One of mkimage holds a whole build, so each image has a tag of its own. */
function findCache(flags: KanikoFlags): CachePlace | undefined {
  if (!flags.cache) return undefined;
  const given = flags['cache-repo'] || undefined;
  const [destination] = flags.destination;
  if (given === undefined && destination === undefined) {
    throw new MkimageError(
      'usage',
      '`--cache` with `--no-push` needs `--cache-repo`: no destination names a repository',
    );
  }
  const tag = `mkimage-${encodedOf(digestOf(nameOf(flags))).slice(0, 12)}`;
  const form = `mode=max${flags['compressed-caching'] ? '' : ',compression=uncompressed'}`;
  if (given?.startsWith('oci:') === true) {
    const folder = given.slice('oci:'.length);
    const place = (key: string) => `type=local,${quote(`${key}=${folder}`)},tag=${tag}`;
    return { from: place('src'), to: `${place('dest')},${form}` };
  }
  const ref = `ref=${given ?? `${repositoryOf(destination!)}/cache`}:${tag}`;
  const place = ['type=registry', ref, ...listInsecure(flags)].join(',');
  return { from: place, to: `${place},${form}` };
}

function nameOf({ destination: [first], target, ...flags }: KanikoFlags): string {
  const platform = flags['custom-platform'] ?? flags.customPlatform ?? '';
  return [first === undefined ? '' : repositoryOf(first), target ?? '', platform].join('\n');
}

function repositoryOf(name: string): string {
  const { registry, repository } = parseReference(name);
  return formatReference({ registry, repository });
}

function readProgress(flags: KanikoFlags): BuildFlags['progress'] {
  if (flags['log-format'] === 'json') return 'rawjson';
  const isQuiet = ['warn', 'error', 'fatal', 'panic'].includes(flags.verbosity ?? '');
  if (isQuiet) return 'quiet';
  return flags['log-format'] === 'text' ? 'plain' : undefined;
}
