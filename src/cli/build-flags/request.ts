import type { Annotation, BuildRequest, OutputSpec } from '../../api/index.ts';
import {
  cutPair,
  parseAnnotation,
  parseCacheFrom,
  parseCacheTo,
  parseOutput,
  readBuildFileInput,
  readContext,
  readEntitlement,
  readExtraHost,
  readNamedContexts,
  readSecret,
  readShmSize,
  readSsh,
  readTag,
  readUlimit,
  splitCommas,
} from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import type { FlagValues } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import { readPlatformFlags } from '../text/platform-flag.ts';
import type { BUILD_FLAGS } from './flags.ts';
import { readPolicies } from './policy.ts';
import { checkResource } from './resources.ts';

export type BuildFlags = FlagValues<typeof BUILD_FLAGS>;

/** Creates the build request from the flags and the context argument. Throws `usage` for invalid or unsupported values. */
export function createBuildRequest(flags: BuildFlags, context: string, env: Terminal['env']): BuildRequest {
  refuseUnsupportedFlags(flags);
  removeEmpty(flags.resource).forEach(checkResource);
  return {
    context: readContext(context),
    file: mapIfSet(flags.file, readBuildFileInput),
    tags: flags.tag.map(readTag),
    target: flags.target,
    buildArgs: readBuildArgs(removeEmpty(flags['build-arg']), env),
    labels: Object.fromEntries(removeEmpty(flags.label).map((value) => readLabel('--label', value))),
    annotations: removeEmpty(flags.annotation).flatMap(readAnnotation),
    platforms: readPlatforms(flags.platform, env),
    namedContexts: readNamedContexts(flags['build-context']),
    secrets: removeEmpty(flags.secret).map((value) => readSecret(value, env)),
    ssh: removeEmpty(flags.ssh).map(readSsh),
    outputs: readOutputs(removeEmpty(flags.output), flags.push && !flags.part),
    part: flags.part,
    cacheFrom: removeEmpty(flags['cache-from']).map(parseCacheFrom),
    cacheTo: removeEmpty(flags['cache-to']).map(parseCacheTo),
    expectCached: flags['expect-cached'].length === 0 ? undefined : removeEmpty(flags['expect-cached']),
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'].flatMap(splitCommas),
    pull: flags.pull,
    network: (flags.network ?? 'default') as BuildRequest['network'],
    allow: flags.allow.flatMap(splitCommas).flatMap((value) => readEntitlement(value) ?? []),
    extraHosts: flags['add-host'].map(readExtraHost),
    shmSize: mapIfSet(flags['shm-size'], readShmSize),
    ulimits: flags.ulimit.map(readUlimit),
    skipsPolicy: readPolicies(removeEmpty(flags.policy), env),
    isolation: parseIsolation(flags.isolation),
  };
}

function mapIfSet<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

/** Removes empty values, as buildx does: a script may contain `--output "$OUTPUT"` with an unset variable. */
function removeEmpty(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== '');
}

/** `default` is Docker's name for `auto`. The flag's `choices` exclude other unknown values. */
function parseIsolation(text: string | undefined): BuildRequest['isolation'] {
  return text === 'auto' || text === 'default' ? undefined : (text as BuildRequest['isolation']);
}

function refuseUnsupportedFlags(flags: BuildFlags): void {
  if (flags.part && !flags.push) {
    throw new MkimageError('usage', '`--part` needs `--push`: a part is only useful in a registry');
  }
}

/** `--push` pushes the outputs of `type=image`, or adds one. */
function readOutputs(values: readonly string[], isPushed: boolean): readonly OutputSpec[] {
  const outputs = values.map(parseOutput);
  if (!isPushed) return outputs;
  const pushed = parseOutput('type=registry');
  if (!outputs.some(({ type }) => type === 'image')) return [...outputs, pushed];
  return outputs.map((output) => (output.type === 'image' ? { ...pushed, ...output } : output));
}

/** Several values are allowed in one flag, also with spaces and empty ones, as with buildx. */
function readPlatforms(given: readonly string[], env: Terminal['env']): BuildRequest['platforms'] {
  const values = given.length > 0 ? given : [env.DOCKER_DEFAULT_PLATFORM ?? ''];
  return readPlatformFlags(values);
}

/** As with Docker, SOURCE_DATE_EPOCH of the environment is a build argument unless `--build-arg` sets it. */
function readBuildArgs(values: readonly string[], env: Terminal['env']): Record<string, string> {
  const args: Record<string, string> = {};
  if (env.SOURCE_DATE_EPOCH !== undefined) args.SOURCE_DATE_EPOCH = env.SOURCE_DATE_EPOCH;
  for (const value of values) {
    const [name, given] = cutPair(value);
    if (name === '') throw new MkimageError('usage', `read \`--build-arg ${value}\`: the name is empty`);
    const set = given ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    if (set !== undefined) defineMember(args, name, set);
  }
  return args;
}

/** Defines a member even if its name is `__proto__`. */
function defineMember(record: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

function readLabel(flag: string, value: string): [string, string] {
  const [key, text] = cutPair(value);
  if (key === '') throw new MkimageError('usage', `read \`${flag} ${value}\`: the key is empty`);
  return [key, text ?? ''];
}

function readAnnotation(value: string): readonly Annotation[] {
  const [key, text] = cutPair(value);
  if (key !== '' && text !== undefined) return parseAnnotation(value);
  throw new MkimageError('usage', `read \`--annotation ${value}\`: expected KEY=VALUE`);
}
