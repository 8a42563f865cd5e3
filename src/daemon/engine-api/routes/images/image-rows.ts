import type { Filters, ImageSummary } from '../../../../api/index.ts';
import { matchesLabels, refuseUnknownFilters } from '../../../../engine/containers/filters.ts';
import { listImages } from '../../../../engine/images/images.ts';
import { inspectImages } from '../../../../engine/images/inspect.ts';
import type { Services } from '../../../../engine/services.ts';
import { readOrUndefined } from '../../../../errors.ts';

/** A line of `docker images`. */
interface ImageRow {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly VirtualSize?: number;
  readonly Containers: number;
  readonly Labels: Readonly<Record<string, string>>;
}

const FILTERS = ['dangling', 'label', 'label!', 'reference', 'before', 'since', 'until'];
/** The first version without a name for images that have none. */
const WITHOUT_NO_NAME = 43;
const WITHOUT_VIRTUAL_SIZE = 44;

/** One row for each image, with all its names. */
export async function summarizeImages(
  services: Services,
  filters: Filters,
  minor: number,
): Promise<readonly ImageRow[]> {
  refuseUnknownFilters(filters, FILTERS);
  const dangling = filters.dangling?.map((each) => each === 'true' || each === '1')[0];
  const asked = filters.reference ?? [undefined];
  const summaries = await Promise.all(asked.map((filter) => listImages(services, { filter, dangling })));
  const groups = groupById(summaries.flat());
  const rows = await Promise.all([...groups.values()].map((group) => describeRow(services, group, minor)));
  const limits = await readLimits(services, filters);
  return rows.filter((row) => matchesLabels(row.Labels, filters) && limits.every((fits) => fits(row)));
}

function groupById(summaries: readonly ImageSummary[]): ReadonlyMap<string, readonly ImageSummary[]> {
  const groups = new Map<string, ImageSummary[]>();
  for (const each of summaries) groups.set(each.id, [...(groups.get(each.id) ?? []), each]);
  return groups;
}

async function describeRow(services: Services, group: readonly ImageSummary[], minor: number): Promise<ImageRow> {
  const { id, size, created } = group[0]!;
  const names = group.flatMap(({ repository, tag }) => (repository && tag ? [`${repository}:${tag}`] : []));
  const digests = group.flatMap(({ repository, digest }) => (repository ? [`${repository}@${digest}`] : []));
  const [details] = await inspectImages(services, { images: [id] }).catch(() => [undefined]);
  const isOld = minor < WITHOUT_NO_NAME;
  return {
    Id: id,
    ParentId: '',
    RepoTags: names.length === 0 && isOld ? ['<none>:<none>'] : [...new Set(names)],
    RepoDigests: digests.length === 0 && isOld ? ['<none>@<none>'] : [...new Set(digests)],
    Created: created === undefined ? 0 : Math.floor((Date.parse(created) || 0) / 1000),
    Size: size,
    SharedSize: -1,
    ...(minor < WITHOUT_VIRTUAL_SIZE && { VirtualSize: size }),
    Containers: -1,
    Labels: details?.Config.Labels ?? {},
  };
}

type Limit = (row: ImageRow) => boolean;

/** `before` and `since` name images, `until` is a time. */
async function readLimits(services: Services, filters: Filters): Promise<readonly Limit[]> {
  const { parseMoment } = await import('../../../../engine/containers/filters.ts');
  const createdOf = async (name: string) => {
    const [found] = await inspectImages(services, { images: [name] });
    return Math.floor(Date.parse(found?.Created ?? '') / 1000) || 0;
  };
  const before = await Promise.all((filters.before ?? []).map(createdOf));
  const since = await Promise.all((filters.since ?? []).map(createdOf));
  const now = services.config.clock();
  const until = (filters.until ?? []).map((text) => readOrUndefined(() => parseMoment(text, now)) ?? now);
  return [
    ...before.map(
      (limit): Limit =>
        ({ Created }) =>
          Created < limit,
    ),
    ...since.map(
      (limit): Limit =>
        ({ Created }) =>
          Created > limit,
    ),
    ...until.map(
      (limit): Limit =>
        ({ Created }) =>
          Created * 1000 < limit,
    ),
  ];
}
