import type { ContainerSummary, PublishedPort } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import { readFilters } from '../../container-flags/read-filters.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { formatWithTemplate } from '../../go-template/index.ts';
import { openEngine } from '../../open-engine.ts';
import { formatJsonLines, formatTable } from '../../text/table.ts';
import { formatAge, formatSize } from '../../text/units.ts';
import { defineVerb } from '../../verb.ts';

export const ps = defineVerb({
  name: 'ps',
  summary: 'list containers',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'show stopped containers too' },
    filter: { alias: 'f', type: 'string', array: true, describe: 'filter the output: KEY=VALUE' },
    format: {
      type: 'string',
      describe: "output format: `table`, `json`, or a template with fields such as '{{.ID}} {{.Names}}'",
    },
    last: { alias: 'n', type: 'string', describe: 'show the last containers, in any state' },
    latest: { alias: 'l', type: 'boolean', describe: 'show the last container, in any state' },
    'no-trunc': { type: 'boolean', describe: 'do not truncate the output' },
    quiet: { alias: 'q', type: 'boolean', describe: 'only show container IDs' },
    size: { alias: 's', type: 'boolean', describe: 'show the sizes' },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { listContainers } = await import('../../../engine/containers/list.ts');
    const found = await listContainers(services, {
      all: flags.all,
      limit: flags.latest ? 1 : readLast(flags.last),
      filters: readFilters(flags.filter),
      size: flags.size,
    });
    const view = { isWhole: flags['no-trunc'], now: terminal.now(), size: flags.size };
    terminal.stdout.write(
      flags.quiet
        ? found.map(({ Id }) => `${shortId(Id, view.isWhole)}\n`).join('')
        : formatContainers(found, view, flags.format),
    );
    return EXIT_CODE.done;
  },
});

function readLast(text: string | undefined): number {
  if (text === undefined || text === '-1') return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw new MkimageError('usage', `invalid argument "${text}" for "--last" flag: not a number`);
}

export interface ContainersView {
  readonly isWhole: boolean;
  readonly now: number;
  readonly size: boolean;
}

/** The columns of Docker, by their names in templates. */
const HEADINGS = {
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Command: 'COMMAND',
  RunningFor: 'CREATED',
  Status: 'STATUS',
  Ports: 'PORTS',
  Names: 'NAMES',
  Size: 'SIZE',
  CreatedAt: 'CREATED AT',
  State: 'STATE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  Networks: 'NETWORKS',
  LocalVolumes: 'LOCAL VOLUMES',
} as const;

const TABLE = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'] as const;

export function formatContainers(
  found: readonly ContainerSummary[],
  view: ContainersView,
  format: string | undefined,
): string {
  const rows = found.map((each) => fieldsOf(each, view));
  if (format === 'json') return formatJsonLines(rows);
  if (format === undefined || format === 'table') {
    const columns = view.size ? [...TABLE, 'Size' as const] : TABLE;
    return formatTable(
      columns.map((name) => HEADINGS[name]),
      rows.map((row) => columns.map((name) => row[name])),
    );
  }
  return formatWithTemplate(format, rows, HEADINGS);
}

function fieldsOf(each: ContainerSummary, { isWhole, now }: ContainersView): Record<keyof typeof HEADINGS, string> {
  const created = new Date(each.Created * 1000);
  return {
    ID: shortId(each.Id, isWhole),
    Image: each.Image,
    Command: `"${isWhole ? each.Command : ellipsis(each.Command, 20)}"`,
    RunningFor: formatAge(created.toISOString(), now),
    Status: each.Status,
    Ports: formatPorts(each.Ports),
    Names: each.Names.map((name) => name.slice(1)).join(','),
    Size: each.SizeRw === undefined ? '0B' : formatSize(each.SizeRw),
    CreatedAt: `${created.toISOString().replace('T', ' ').slice(0, 19)} +0000 UTC`,
    State: each.State,
    Labels: Object.entries(each.Labels)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(','),
    Mounts: each.Mounts.map(({ Name, Source }) => (isWhole ? (Name ?? Source) : ellipsis(Name ?? Source, 15))).join(
      ',',
    ),
    Networks: Object.keys(each.NetworkSettings.Networks).join(','),
    LocalVolumes: String(each.Mounts.filter(({ Driver }) => Driver === 'local').length),
  };
}

function shortId(id: string, isWhole: boolean): string {
  return isWhole ? id : id.slice(0, 12);
}

function ellipsis(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** `0.0.0.0:8080->80/tcp, 443/tcp`. */
export function formatPorts(ports: readonly PublishedPort[]): string {
  const texts = ports.map(({ IP, PublicPort, PrivatePort, Type }) => {
    if (PublicPort === undefined) return `${PrivatePort}/${Type}`;
    return `${IP?.includes(':') ? `[${IP}]` : IP}:${PublicPort}->${PrivatePort}/${Type}`;
  });
  return texts.join(', ');
}
