import type { CacheMountUsage } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG, shownId } from '../text/format-flag.ts';
import { printable } from '../text/printable.ts';
import { jsonLines, table } from '../text/table.ts';
import { formatAge, formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const cacheMountsLs = defineVerb({
  name: 'cache-mounts ls',
  summary: 'list what RUN --mount=type=cache has kept',
  operands: '',
  least: 0,
  most: 0,
  flags: { format: FORMAT_FLAG, 'no-trunc': { type: 'boolean', describe: 'show whole keys' } },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { listCacheMounts } = await import('../../engine/state/cache-mounts.ts');
    const mounts = listCacheMounts(services);
    const view = { isWhole: flags['no-trunc'], now: terminal.now() };
    terminal.stdout.write(flags.format === 'json' ? cacheMountsJson(mounts) : cacheMountsTable(mounts, view));
    return EXIT_CODE.done;
  },
});

export const cacheMountsRm = defineVerb({
  name: 'cache-mounts rm',
  summary: 'remove cache mounts by id or key; not while a build runs',
  operands: '<id> [<id>…]',
  completes: 'cache-mount',
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: { force: { alias: 'f', type: 'boolean', describe: 'accepted for Docker’s sake', hidden: true } },
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { removeCacheMounts } = await import('../../engine/state/cache-mounts.ts');
    const removed = await removeCacheMounts(services, { mounts: operands });
    terminal.stdout.write(removedMountsText(removed.mounts));
    terminal.stdout.write(`Total reclaimed space: ${formatSize(removed.bytes)}\n`);
    return EXIT_CODE.done;
  },
});

export function cacheMountsTable(
  mounts: readonly CacheMountUsage[],
  view: { readonly isWhole: boolean; readonly now: number },
): string {
  const rows = mounts.map(({ id, key, bytes, usedAt }) => [
    id,
    shownId(key, view.isWhole),
    formatSize(bytes),
    formatAge(new Date(usedAt).toISOString(), view.now),
  ]);
  return table(['ID', 'KEY', 'SIZE', 'LAST USED'], rows);
}

function cacheMountsJson(mounts: readonly CacheMountUsage[]): string {
  return jsonLines(
    mounts.map(({ id, key, bytes, usedAt }) => ({
      ID: id,
      Key: key,
      Size: bytes,
      LastUsedAt: new Date(usedAt).toISOString(),
    })),
  );
}

/** A line for each mount that is gone. */
export function removedMountsText(mounts: readonly CacheMountUsage[]): string {
  return mounts.map(({ id }) => `Removed: ${printable(id)}\n`).join('');
}
