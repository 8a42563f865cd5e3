import type { BuildRequest } from '../../api/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { parseReference } from '../../oci/index.ts';
import type { FlagValues } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import { splitCommas } from './csv.ts';
import type { BUILD_FLAGS } from './flags.ts';
import { readContext, readNamedContexts } from './inputs.ts';
import { readPolicies } from './policy.ts';
import { checkResource } from './resources.ts';
import { readSecret, readSsh } from './secrets.ts';
import { readEntitlement, readExtraHost, readShmSize, readUlimit } from './step-settings.ts';

export type BuildFlags = FlagValues<typeof BUILD_FLAGS>;

/** The request that flags and the context argument make. Throws `usage` for whatever cannot be read. */
export function buildRequestOf(flags: BuildFlags, context: string, env: Terminal['env']): BuildRequest {
  refuseWhatIsToCome(flags);
  given(flags.resource).forEach(checkResource);
  return {
    context: readContext(context),
    file: flags.file,
    tags: flags.tag.map(readTag),
    target: flags.target,
    buildArgs: buildArgs(given(flags['build-arg']), env),
    labels: Object.fromEntries(given(flags.label).map((value) => readLabel('--label', value))),
    annotations: given(flags.annotation).map(readAnnotation),
    platform: flags.platform ?? (env.DOCKER_DEFAULT_PLATFORM || undefined),
    namedContexts: readNamedContexts(flags['build-context']),
    secrets: given(flags.secret).map((value) => readSecret(value, env)),
    ssh: given(flags.ssh).map(readSsh),
    outputs: given(flags.output),
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'].flatMap(splitCommas),
    pull: flags.pull,
    network: (flags.network ?? 'default') as BuildRequest['network'],
    allow: flags.allow.flatMap(splitCommas).map(readEntitlement),
    extraHosts: flags['add-host'].map(readExtraHost),
    shmSize: flags['shm-size'] === undefined ? undefined : readShmSize(flags['shm-size']),
    ulimits: flags.ulimit.map(readUlimit),
    skipsPolicy: readPolicies(given(flags.policy), env),
    isolation: flags.isolation === 'auto' || flags.isolation === 'default' ? undefined : flags.isolation,
  };
}

/** Empty values say nothing, as with buildx: `--output "$OUTPUT"` may stand in a script. An empty name is another matter. */
function given(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== '');
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
    const [name, given] = cut(value);
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

/** A name that nothing can be called would otherwise only be found out when all is built. */
function readTag(value: string): string {
  try {
    if (parseReference(value).digest === undefined) return value;
  } catch (error) {
    if (!isMkimageError(error, 'invalid-reference')) throw error;
    const why = value === '' ? 'it is empty' : error.message.replace(/^parse reference: `.*?`: /s, '');
    throw badTag(value, why, error.hint);
  }
  throw badTag(value, 'a digest is found out by building', 'leave out `@sha256:…`');
}

function badTag(value: string, why: string, hint: string | undefined): MkimageError {
  return new MkimageError('usage', `read \`--tag ${value}\`: ${why}`, hint === undefined ? {} : { hint });
}

function readLabel(flag: string, value: string): [string, string] {
  const [key, text] = cut(value);
  if (key === '') throw new MkimageError('usage', `read \`${flag} ${value}\`: it has no key`);
  return [key, text ?? ''];
}

function readAnnotation(value: string): string {
  const [key, text] = cut(value);
  if (key !== '' && text !== undefined) return value;
  throw new MkimageError('usage', `read \`--annotation ${value}\`: not of the form KEY=VALUE`);
}

function cut(value: string): [string, string | undefined] {
  const equals = value.indexOf('=');
  return equals === -1 ? [value, undefined] : [value.slice(0, equals), value.slice(equals + 1)];
}
