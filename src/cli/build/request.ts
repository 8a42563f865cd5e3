import type { BuildRequest } from '../../engine/build-request.ts';
import { MkimageError } from '../../errors.ts';
import type { FlagValues } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import { splitCommas } from './csv.ts';
import type { BUILD_FLAGS } from './flags.ts';
import { readContext, readNamedContexts } from './inputs.ts';
import { readSecret, readSsh } from './secrets.ts';
import { readExtraHost, readShmSize, readUlimit } from './step-settings.ts';

export type BuildFlags = FlagValues<typeof BUILD_FLAGS>;

/** The request that flags and the context argument make. Throws `usage` for whatever cannot be read. */
export function buildRequestOf(flags: BuildFlags, context: string, env: Terminal['env']): BuildRequest {
  refuseWhatIsToCome(flags);
  return {
    context: readContext(context),
    file: flags.file,
    tags: flags.tag,
    target: flags.target,
    buildArgs: buildArgs(flags['build-arg'], env),
    labels: Object.fromEntries(flags.label.map((value) => readLabel('--label', value))),
    annotations: flags.annotation.map(readAnnotation),
    platform: flags.platform,
    namedContexts: readNamedContexts(flags['build-context']),
    secrets: flags.secret.map((value) => readSecret(value, env)),
    ssh: flags.ssh.map(readSsh),
    outputs: flags.output,
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'].flatMap(splitCommas),
    pull: flags.pull,
    network: (flags.network ?? 'default') as BuildRequest['network'],
    allow: flags.allow.flatMap(splitCommas),
    extraHosts: flags['add-host'].map(readExtraHost),
    shmSize: flags['shm-size'] === undefined ? undefined : readShmSize(flags['shm-size']),
    ulimits: flags.ulimit.map(readUlimit),
    isolation: flags.isolation === 'auto' || flags.isolation === 'default' ? undefined : flags.isolation,
    ca: flags.ca,
  };
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
    const set = given ?? env[name];
    if (set !== undefined) define(args, name, set);
  }
  return args;
}

/** A variable may be called `__proto__`: it is to be a member like any other. */
function define(record: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
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
