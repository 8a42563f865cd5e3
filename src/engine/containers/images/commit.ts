import type { CommitRequest, ContainerSettings, NewImageResult } from '../../../api/index.ts';
import {
  type ContainerRecord,
  findContainer,
  formatTime,
  readChanges,
  tellContainer,
} from '../../../container/index.ts';
import {
  type ContainerConfig,
  type HistoryEntry,
  type ImageConfig,
  parseConfig,
  parseManifest,
} from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';
import { applyChanges } from './apply-changes.ts';
import { storeImage, storeLayer } from './new-image.ts';

/**
 * Makes an image of what a container has written over its own one, with its settings. A running container is frozen meanwhile. Throws
 * `not-found`, `usage`, `unsupported`.
 */
export async function commitContainer(services: Services, request: CommitRequest, call: Call): Promise<NewImageResult> {
  const home = await openContainers(services);
  const folder = findContainer(home, request.container);
  const record = folder.record();
  await using _lease = await services.store.lease();
  const base = readBase(services, record);
  const config = applyChanges(imageSettings(record.config), request.changes, base);
  const layer = await readChanges({ home, folder }, ({ changes }) => storeLayer(services, changes, call), call);
  const layers = layer === undefined ? record.layers : [...record.layers, layer];
  const image = configOf({
    base,
    config,
    record,
    request,
    isEmpty: layer === undefined,
    created: formatTime(home.clock()),
  });
  const diff_ids = layers.map(({ diffId }) => diffId);
  const result = await storeImage(
    services,
    { config: { ...image, rootfs: { type: 'layers', diff_ids } }, layers },
    request.reference,
  );
  tellContainer(home, record, { action: 'commit', more: { comment: request.message ?? '', imageID: result.id } });
  return result;
}

function readBase({ store }: Services, { manifest }: ContainerRecord): ImageConfig {
  return parseConfig(store.readSmall(parseManifest(store.readSmall(manifest), manifest).config));
}

interface Committed {
  readonly base: ImageConfig;
  readonly config: ContainerConfig;
  readonly record: ContainerRecord;
  readonly request: CommitRequest;
  readonly isEmpty: boolean;
  readonly created: string;
}

function configOf({ base, config, record, request, isEmpty, created }: Committed): ImageConfig {
  const { author, message } = request;
  const added: HistoryEntry = {
    created,
    created_by: record.argv.join(' '),
    ...(author && { author }),
    ...(message && { comment: message }),
    ...(isEmpty && { empty_layer: true }),
  };
  const { author: _, ...others } = base;
  return { ...others, created, ...(author && { author }), config, history: [...base.history, added] };
}

/** The settings that an image has too, without what only this container has. */
function imageSettings(settings: ContainerSettings): ContainerConfig {
  const image = Object.fromEntries(Object.entries(settings).filter(([name]) => !OWN.includes(name))) as ContainerConfig;
  const own = [`HOSTNAME=${settings.Hostname}`, ...(settings.Tty === true ? ['TERM=xterm'] : [])];
  return { ...image, Env: (image.Env ?? []).filter((each) => !own.includes(each)) };
}

const OWN: readonly string[] = [
  ...['Hostname', 'Domainname', 'AttachStdin', 'AttachStdout', 'AttachStderr'],
  ...['Tty', 'OpenStdin', 'StdinOnce', 'Image', 'StopTimeout'],
];
