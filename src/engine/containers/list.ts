import type { ContainerSummary, ListContainersRequest, PublishedPort } from '../../api/index.ts';
import {
  ContainerFolder,
  type ContainerHome,
  type ContainerRecord,
  type ContainerState,
  ensureSupervisor,
  isAlive,
  isGoneError,
  isMonitored,
  listRecords,
  settle,
} from '../../container/index.ts';
import { MkimageError, readOrUndefined } from '../../errors.ts';
import { measureDiskBytes } from '../../host/index.ts';
import { formatFamiliarName, parseReference } from '../../oci/index.ts';
import type { Services } from '../services.ts';
import { matchesLabels, refuseUnknownFilters } from './filters.ts';
import { networksOf } from './inspect.ts';
import { openContainers } from './open-containers.ts';
import { statusText } from './status-text.ts';

interface Listed {
  readonly folder: ContainerFolder;
  readonly record: ContainerRecord;
  readonly state: ContainerState;
}

const FILTERS = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];

/** Returns containers, newest first. Running ones that nobody monitors get a monitor. */
export async function listContainers(
  services: Services,
  request: ListContainersRequest,
): Promise<readonly ContainerSummary[]> {
  refuseUnknownFilters(request.filters, FILTERS);
  const home = await openContainers(services);
  const listed = await readAll(home);
  if (listed.some(({ folder, state }) => isAlive(state) && !isMonitored(folder))) ensureSupervisor(home);
  const sorted = listed.sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
  const { filters, limit = 0 } = request;
  const asksState = (filters.status ?? []).some((each) => each !== 'running') || filters.exited !== undefined;
  const showsAll = request.all || limit > 0 || asksState;
  const found = sorted.filter((each) => (showsAll || isShown(each.state)) && matches(each, filters, sorted));
  const now = home.clock();
  return (limit > 0 ? found.slice(0, limit) : found).map((each) => summaryOf(each, now, request.size));
}

function isShown({ status }: ContainerState): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting';
}

async function readAll(home: ContainerHome): Promise<Listed[]> {
  const all: Listed[] = [];
  for (const record of listRecords(home)) {
    const folder = new ContainerFolder(home.directory, record.id);
    try {
      const state = await settle(home, folder);
      if (folder.exists()) all.push({ folder, record, state });
    } catch (error) {
      if (!isGoneError(error)) throw error;
    }
  }
  return all;
}

function summaryOf({ folder, record, state }: Listed, now: number, size: boolean): ContainerSummary {
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.config.Image ?? record.image,
    ImageID: record.image,
    Command: record.argv.join(' '),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: portsOf(record, state),
    Labels: record.config.Labels ?? {},
    State: state.status,
    Status: statusText(state, now),
    HostConfig: { NetworkMode: record.host.NetworkMode ?? 'default' },
    NetworkSettings: { Networks: networksOf(record, state) },
    Mounts: record.mounts,
    ...(size && { SizeRw: measureDiskBytes(folder.file('upper')), SizeRootFs: 0 }),
  };
}

function portsOf({ config }: ContainerRecord, state: ContainerState): readonly PublishedPort[] {
  if (state.pid === 0) return [];
  const ports = {
    ...Object.fromEntries(Object.keys(config.ExposedPorts ?? {}).map((port) => [port, null])),
    ...state.ports,
  };
  return Object.entries(ports).flatMap(([port, bindings]): PublishedPort[] => {
    const [number = '0', type = 'tcp'] = port.split('/');
    const own = { PrivatePort: Number(number), Type: type as PublishedPort['Type'] };
    return bindings === null
      ? [own]
      : bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PublicPort: Number(HostPort), ...own }));
  });
}

type Filter = (listed: Listed, value: string, all: readonly Listed[]) => boolean;

const MATCHES: Readonly<Record<string, Filter>> = {
  ancestor: ({ record }, value) => isAncestor(record, value),
  before: ({ record }, value, all) => record.created < createdOf(all, value),
  since: ({ record }, value, all) => record.created > createdOf(all, value),
  exited: ({ state }, value) => state.status === 'exited' && state.exitCode === Number(value),
  expose: ({ record }, value) => Object.keys(record.config.ExposedPorts ?? {}).includes(withProtocol(value)),
  publish: ({ state }, value) => Object.keys(state.ports).includes(withProtocol(value)),
  health: ({ state }, value) => (state.health?.Status ?? 'none') === value,
  id: ({ record }, value) => record.id.startsWith(value),
  'is-task': (_, value) => value === 'false',
  name: ({ record }, value) => matchesName(record.name, value),
  network: (listed, value) =>
    Object.entries(networksOf(listed.record, listed.state)).some(
      ([name, { NetworkID }]) => name === value || (NetworkID !== '' && NetworkID.startsWith(value)),
    ),
  status: ({ state }, value) => state.status === value,
  volume: ({ record }, value) => record.mounts.some(({ Name, Destination }) => Name === value || Destination === value),
};

function matches(listed: Listed, filters: ListContainersRequest['filters'], all: readonly Listed[]): boolean {
  if (!matchesLabels(listed.record.config.Labels, filters)) return false;
  return Object.entries(filters).every(
    ([key, values]) => MATCHES[key] === undefined || values.some((value) => MATCHES[key]!(listed, value, all)),
  );
}

/** Names are short, and with at most three repetitions, none of them of a group, a pattern is tried in time. */
function matchesName(name: string, pattern: string): boolean {
  if (/\)[*+?{]/.test(pattern) || (pattern.match(/[*+?{]/g) ?? []).length > 3)
    throw new MkimageError('usage', `invalid filter 'name=${pattern}': it has too many repetitions`);
  try {
    const expression = new RegExp(pattern);
    return expression.test(name) || expression.test(`/${name}`);
  } catch {
    throw new MkimageError('usage', `invalid filter 'name=${pattern}': it is not a regular expression`);
  }
}

function isAncestor({ config, image }: ContainerRecord, value: string): boolean {
  const familiar = (text: string) => readOrUndefined(() => formatFamiliarName(parseReference(text))) ?? text;
  return (
    familiar(config.Image ?? '') === familiar(value) ||
    image === value ||
    image.replace('sha256:', '').startsWith(value)
  );
}

function createdOf(all: readonly Listed[], text: string): string {
  const found = all.find(({ record }) => record.name === text || record.id.startsWith(text));
  if (found === undefined) throw new MkimageError('not-found', `No such container: ${text}`);
  return found.record.created;
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}
