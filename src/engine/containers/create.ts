import { readFileSync } from 'node:fs';
import type {
  ContainerSettings,
  CreateContainerRequest,
  CreateContainerResult,
  HostSettings,
} from '../../api/index.ts';
import {
  type ContainerDraft,
  type ContainerHome,
  createContainer as create,
  findContainer,
  parseSignal,
  readLogOptions,
  readPrivileges,
} from '../../container/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { type ContainerConfig, completePlatform, type ResolvedImage } from '../../oci/index.ts';
import { containerProcess } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import { ensureLayers, findImage, imageOf, lookUpImage, pullImage } from '../images/index.ts';
import type { Services } from '../services.ts';
import { listLostSettings, normalizeHost } from './host-settings.ts';
import { chooseNetworks } from './networks/choose-network.ts';
import { openContainers } from './open-containers.ts';
import { planVolumes } from './volumes.ts';

/** Creates a container of an image. A missing image is pulled, if the request permits it. Throws `not-found`, `usage`, `in-use`. */
export async function createContainer(
  services: Services,
  request: CreateContainerRequest,
  call: Call,
): Promise<CreateContainerResult> {
  const home = await openContainers(services);
  await using _lease = await services.store.lease();
  const image = await obtainImage(services, request, call);
  const warnings: string[] = [];
  const record = await create(home, request.name, (id) =>
    draftOf({ services, home, request, image, id, warnings, call }),
  );
  return { id: record.id, warnings };
}

/** The image of a name, an ID or the start of an ID. */
async function obtainImage(services: Services, request: CreateContainerRequest, call: Call): Promise<ResolvedImage> {
  const text = request.config.Image ?? '';
  if (text === '') throw new MkimageError('usage', 'create container: no image is specified');
  const { pull = 'missing', platform } = request;
  const wanted = { image: text, platform };
  if (pull === 'always') return pullImage(services, wanted, call);
  const stored = await findStored(services, request, call);
  if (stored !== undefined) {
    await ensureLayers(services, stored, call);
    return stored;
  }
  if (pull === 'missing') return pullImage(services, wanted, call);
  throw new MkimageError('not-found', `No such image: ${text}`, { hint: `pull it with \`mkimage pull ${text}\`` });
}

async function findStored(
  services: Services,
  { config, platform }: CreateContainerRequest,
  call: Call,
): Promise<ResolvedImage | undefined> {
  try {
    const found = findImage(services, config.Image ?? '');
    if (found.name !== undefined) {
      const whole = completePlatform(platform ?? {}, services.config.platform);
      return (await lookUpImage(services, { text: found.name, platform: whole, pull: false }, call)).image;
    }
    const image = imageOf(found);
    return { reference: 'id.invalid/image', manifest: image.descriptor, config: image.config, layers: image.layers };
  } catch (error) {
    if (isMkimageError(error, 'not-found')) return undefined;
    throw error;
  }
}

interface Drafting {
  readonly services: Services;
  readonly home: ContainerHome;
  readonly request: CreateContainerRequest;
  readonly image: ResolvedImage;
  readonly id: string;
  readonly warnings: string[];
  readonly call: Call;
}

async function draftOf({ services, home, request, image, id, warnings, call }: Drafting): Promise<ContainerDraft> {
  const { networks = {} } = request;
  const chosen = await chooseNetworks(services, { host: request.host, config: request.config, networks });
  warnings.push(...chosen.warnings);
  const host = normalizeHost({ ...request.host, NetworkMode: chosen.mode }, (text) => findContainer(home, text).id);
  refuseUnknown(host, home, request.config);
  const config = settingsOf(request.config, image.config.config, { host, id });
  warnings.push(...listLostSettings(config));
  const { args, env, workdir } = containerProcess(image.config.config, {
    entrypoint: request.config.Entrypoint,
    command: request.config.Cmd ?? [],
    env: config.Env ?? [],
    hostname: config.Hostname ?? '',
    tty: config.Tty === true,
    user: config.User,
    groups: [],
    workdir: request.config.WorkingDir,
    ulimits: [],
    shmSize: host.ShmSize,
  });
  const volumes = await planVolumes({ services, home, host, config, image, warnings }, call);
  return {
    image: imageIdOf(services, image),
    manifest: image.manifest,
    layers: image.layers,
    argv: args,
    config: { ...config, Env: env, WorkingDir: workdir === '/' ? (config.WorkingDir ?? '') : workdir },
    host,
    networks: chosen.networks,
    mounts: volumes,
  };
}

function imageIdOf({ store }: Services, image: ResolvedImage): ContainerDraft['image'] {
  const manifest = JSON.parse(Buffer.from(store.readSmall(image.manifest)).toString()) as {
    config: { digest: ContainerDraft['image'] };
  };
  return manifest.config.digest;
}

/** What cannot be done is refused before the container exists. */
function refuseUnknown(host: HostSettings, home: ContainerHome, config: ContainerSettings): void {
  readPrivileges(host, home.sandbox);
  readLogOptions(host.LogConfig);
  if (config.StopSignal !== undefined && config.StopSignal !== '') parseSignal(config.StopSignal);
  if (host.AutoRemove === true && !['', 'no', undefined].includes(host.RestartPolicy?.Name)) {
    throw new MkimageError('usage', "can't create 'AutoRemove' container with restart policy");
  }
}

/** The settings of the request, with those of the image where the request has none. */
function settingsOf(
  asked: ContainerSettings,
  image: ContainerConfig,
  { host, id }: { readonly host: HostSettings; readonly id: string },
): ContainerSettings {
  const entrypoint = asked.Entrypoint ?? image.Entrypoint;
  const command =
    asked.Cmd !== undefined && asked.Cmd.length > 0
      ? asked.Cmd
      : asked.Entrypoint === undefined
        ? image.Cmd
        : undefined;
  const isOwnName = host.UTSMode !== 'host' && host.NetworkMode !== 'host';
  return {
    ...image,
    ...withoutUndefined(asked),
    Hostname: asked.Hostname || (isOwnName ? id.slice(0, 12) : readHostName()),
    User: asked.User || image.User || '',
    Env: asked.Env ?? [],
    ...(entrypoint !== undefined && { Entrypoint: entrypoint }),
    ...(command !== undefined && { Cmd: command }),
    Labels: { ...image.Labels, ...asked.Labels },
    ExposedPorts: { ...image.ExposedPorts, ...asked.ExposedPorts },
    Volumes: { ...image.Volumes, ...asked.Volumes },
    WorkingDir: asked.WorkingDir || image.WorkingDir || '',
    StopSignal: asked.StopSignal || image.StopSignal || 'SIGTERM',
    ...healthOf(asked, image),
  };
}

/** An empty object inherits the image's check. */
function healthOf(asked: ContainerSettings, image: ContainerConfig): Pick<ContainerSettings, 'Healthcheck'> {
  const own = asked.Healthcheck;
  const merged = { ...image.Healthcheck, ...withoutUndefined(own ?? {}) };
  const Test = own?.Test !== undefined && own.Test.length > 0 ? own.Test : image.Healthcheck?.Test;
  return Test === undefined || Test.length === 0 ? {} : { Healthcheck: { ...merged, Test } };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null)) as T;
}

function readHostName(): string {
  return readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
}
