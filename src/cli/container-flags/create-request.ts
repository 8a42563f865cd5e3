import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ContainerSettings, CreateContainerRequest, HostSettings } from '../../api/index.ts';
import {
  readContainerMount,
  readDevice,
  readEndpoints,
  readExtraHost,
  readNetwork,
  readPorts,
  readRestartPolicy,
  readShmSize,
  readUlimit,
} from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseWantedPlatform } from '../../oci/index.ts';
import type { FlagValues } from '../arguments.ts';
import type { Terminal } from '../terminal.ts';
import type { CREATE_FLAGS } from './create-flags.ts';
import { readEnvironment, readLabels } from './files.ts';
import { readHealthcheck } from './health-flags.ts';
import { readNumber, readResources } from './read-resources.ts';

export type CreateFlags = FlagValues<typeof CREATE_FLAGS>;

/** The request of `create` and `run`. The first operand is the image, the others are its command. Throws `usage`. */
export function createContainerRequest(
  flags: CreateFlags,
  operands: readonly string[],
  terminal: Pick<Terminal, 'env' | 'cwd'>,
): CreateContainerRequest {
  const [image = '', ...command] = operands;
  const networks = [...flags.network, ...flags.net].map(readNetwork);
  return {
    name: flags.name,
    platform: flags.platform === undefined ? undefined : parseWantedPlatform(flags.platform),
    pull: flags.pull as CreateContainerRequest['pull'],
    config: { ...settingsOf(flags, terminal), Image: image, ...(command.length > 0 && { Cmd: command }) },
    host: hostOf(flags, networks[0]?.name, terminal),
    networks: readEndpoints(networks, { aliases: flags['network-alias'], ip: flags.ip }),
  };
}

function settingsOf(flags: CreateFlags, terminal: Pick<Terminal, 'env' | 'cwd'>): ContainerSettings {
  const { exposed } = readPorts(flags.publish, flags.expose);
  const attaches = (name: string, standard: boolean) =>
    flags.attach.length === 0 ? standard : flags.attach.map((each) => each.toLowerCase()).includes(name);
  const health = readHealthcheck(flags);
  return {
    ...(flags.hostname !== undefined && { Hostname: flags.hostname }),
    ...(flags.domainname !== undefined && { Domainname: flags.domainname }),
    ...(flags.user !== undefined && { User: flags.user }),
    AttachStdin: flags.interactive && attaches('stdin', true),
    AttachStdout: attaches('stdout', true),
    AttachStderr: attaches('stderr', true),
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive,
    Env: readEnvironment(flags['env-file'], flags.env, terminal),
    ...(flags.entrypoint !== undefined && { Entrypoint: [flags.entrypoint] }),
    Volumes: {},
    ...(flags.workdir !== undefined && { WorkingDir: flags.workdir }),
    Labels: readLabels(flags['label-file'], flags.label, terminal),
    ...(flags['stop-signal'] !== undefined && { StopSignal: flags['stop-signal'] }),
    ...(flags['stop-timeout'] !== undefined && { StopTimeout: readNumber('--stop-timeout', flags['stop-timeout']) }),
    ...(health !== undefined && { Healthcheck: health }),
  };
}

function hostOf(
  flags: CreateFlags,
  network: string | undefined,
  terminal: Pick<Terminal, 'env' | 'cwd'>,
): HostSettings {
  const { bindings } = readPorts(flags.publish, flags.expose);
  return {
    Binds: flags.volume.map((each) => absoluteBind(each, terminal)),
    Mounts: flags.mount.map((each) => readContainerMount(each)),
    Tmpfs: Object.fromEntries(flags.tmpfs.map((each) => splitAt(each, ':'))),
    VolumesFrom: flags['volumes-from'],
    ContainerIDFile: flags.cidfile ?? '',
    LogConfig: {
      Type: flags['log-driver'] ?? '',
      Config: Object.fromEntries(flags['log-opt'].map((each) => splitAt(each, '='))),
    },
    ...(network !== undefined && { NetworkMode: network }),
    PortBindings: bindings,
    PublishAllPorts: flags['publish-all'],
    RestartPolicy: readRestartPolicy(flags.restart ?? 'no'),
    AutoRemove: flags.rm,
    ...privilegesOf(flags, terminal),
    Dns: flags.dns,
    DnsSearch: flags['dns-search'],
    DnsOptions: flags['dns-option'],
    ExtraHosts: flags['add-host'].map(readExtraHost).map(({ name, address }) => `${name}:${address}`),
    GroupAdd: flags['group-add'],
    IpcMode: flags.ipc ?? '',
    PidMode: flags.pid ?? '',
    UTSMode: flags.uts ?? '',
    UsernsMode: flags.userns ?? '',
    ...(flags['shm-size'] !== undefined && { ShmSize: readShmSize(flags['shm-size']) }),
    Ulimits: flags.ulimit.map(readUlimit).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Devices: flags.device.map(readDevice),
    Sysctls: Object.fromEntries(flags.sysctl.map((each) => splitAt(each, '='))),
    Init: flags.init,
    OomKillDisable: flags['oom-kill-disable'],
    OomScoreAdj: readNumber('--oom-score-adj', flags['oom-score-adj'] ?? '0'),
    ...readResources(flags),
  };
}

function privilegesOf(flags: CreateFlags, terminal: Pick<Terminal, 'env' | 'cwd'>): HostSettings {
  return {
    CapAdd: flags['cap-add'],
    CapDrop: flags['cap-drop'],
    SecurityOpt: flags['security-opt'].map((each) => readSecurityOption(each, terminal)),
    Privileged: flags.privileged,
    ReadonlyRootfs: flags['read-only'],
  };
}

/** A relative path in `-v ./data:/data` starts at the working directory. */
function absoluteBind(text: string, { cwd }: Pick<Terminal, 'cwd'>): string {
  return /^\.{1,2}(?:\/|:)/.test(text)
    ? `${resolve(cwd(), text.split(':')[0]!)}${text.slice(text.indexOf(':'))}`
    : text;
}

/** The text of the profile is part of the request, because the file may not exist where the request is carried out. */
function readSecurityOption(text: string, { cwd }: Pick<Terminal, 'cwd'>): string {
  const [, path] = /^seccomp[=:](.+)$/s.exec(text) ?? [];
  if (path === undefined || path === 'unconfined' || path === 'builtin' || path.startsWith('{')) return text;
  try {
    return `seccomp=${readFileSync(resolve(cwd(), path), 'utf8')}`;
  } catch (cause) {
    throw new MkimageError('usage', `opening seccomp profile (${basename(path)}) failed: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
