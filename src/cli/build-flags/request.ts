import type { Annotation, BuildRequest } from '../../api/index.ts';
import {
  cutPair,
  parseAnnotation,
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
import { parseWantedPlatform } from '../../oci/index.ts';
import type { FlagValues } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import type { BUILD_FLAGS } from './flags.ts';
import { readPolicies } from './policy.ts';
import { checkResource } from './resources.ts';

export type BuildFlags = FlagValues<typeof BUILD_FLAGS>;

/** The request that flags and the context argument make. Throws `usage` for whatever cannot be read. */
export function buildRequestOf(flags: BuildFlags, context: string, env: Terminal['env']): BuildRequest {
  refuseWhatIsToCome(flags);
  given(flags.resource).forEach(checkResource);
  return {
    context: readContext(context),
    file: ifGiven(flags.file, readBuildFileInput),
    tags: flags.tag.map(readTag),
    target: flags.target,
    buildArgs: buildArgs(given(flags['build-arg']), env),
    labels: Object.fromEntries(given(flags.label).map((value) => readLabel('--label', value))),
    annotations: given(flags.annotation).flatMap(readAnnotation),
    platform: ifGiven(flags.platform ?? (env.DOCKER_DEFAULT_PLATFORM || undefined), parseWantedPlatform),
    namedContexts: readNamedContexts(flags['build-context']),
    secrets: given(flags.secret).map((value) => readSecret(value, env)),
    ssh: given(flags.ssh).map(readSsh),
    outputs: given(flags.output).map(parseOutput),
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'].flatMap(splitCommas),
    pull: flags.pull,
    network: (flags.network ?? 'default') as BuildRequest['network'],
    allow: flags.allow.flatMap(splitCommas).flatMap((value) => readEntitlement(value) ?? []),
    extraHosts: flags['add-host'].map(readExtraHost),
    shmSize: ifGiven(flags['shm-size'], readShmSize),
    ulimits: flags.ulimit.map(readUlimit),
    skipsPolicy: readPolicies(given(flags.policy), env),
    isolation: isolationOf(flags.isolation),
  };
}

function ifGiven<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

/** Empty values say nothing, as with buildx: `--output "$OUTPUT"` may stand in a script. An empty name is another matter. */
function given(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== '');
}

/** `default` is Docker's word for what nobody asked for; `choices` of the flag has made sure of the others. */
function isolationOf(text: string | undefined): BuildRequest['isolation'] {
  return text === 'auto' || text === 'default' ? undefined : (text as BuildRequest['isolation']);
}

function refuseWhatIsToCome(flags: BuildFlags): void {
  if (flags.push) {
    throw new MkimageError('usage', 'push image: not in this version', {
      hint: 'write an archive with `-o type=oci,dest=app.tar` and push that, e.g. with `skopeo copy oci-archive:app.tar docker://…`',
    });
  }
  if (flags.platform?.includes(',')) {
    throw new MkimageError('usage', `build for \`${flags.platform}\`: one platform at a time in this version`, {
      hint: 'build once for each platform',
    });
  }
}

/** SOURCE_DATE_EPOCH of the environment counts as a build argument unless one is given, as with Docker. */
function buildArgs(values: readonly string[], env: Terminal['env']): Record<string, string> {
  const args: Record<string, string> = {};
  if (env.SOURCE_DATE_EPOCH !== undefined) args.SOURCE_DATE_EPOCH = env.SOURCE_DATE_EPOCH;
  for (const value of values) {
    const [name, given] = cutPair(value);
    if (name === '') throw new MkimageError('usage', `read \`--build-arg ${value}\`: it has no name`);
    const set = given ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    if (set !== undefined) define(args, name, set);
  }
  return args;
}

/** A variable may be called `__proto__`: it is to be a member like any other. */
function define(record: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

function readLabel(flag: string, value: string): [string, string] {
  const [key, text] = cutPair(value);
  if (key === '') throw new MkimageError('usage', `read \`${flag} ${value}\`: it has no key`);
  return [key, text ?? ''];
}

/** Docker's message for what is no pair at all. */
function readAnnotation(value: string): readonly Annotation[] {
  const [key, text] = cutPair(value);
  if (key !== '' && text !== undefined) return parseAnnotation(value);
  throw new MkimageError('usage', `read \`--annotation ${value}\`: not of the form KEY=VALUE`);
}
