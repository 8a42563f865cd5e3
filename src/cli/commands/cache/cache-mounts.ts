import type { CacheMountUsage } from '../../../api/index.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { FORMAT_FLAG, formatId } from '../../text/format-flag.ts';
import { toPrintable } from '../../text/printable.ts';
import { formatJsonLines, formatTable } from '../../text/table.ts';
import { formatAge, formatSize } from '../../text/units.ts';
import { defineVerb } from '../../verb.ts';

export const cacheMountsLs = defineVerb({
  name: 'cache-mounts ls',
  summary: 'list the cache mounts (RUN --mount=type=cache)',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: { format: FORMAT_FLAG, 'no-trunc': { type: 'boolean', describe: 'do not truncate keys' } },
  needsNamespace: () => 'reads-store',
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { listCacheMounts } = await import('../../../engine/state/cache-mounts.ts');
    const mounts = listCacheMounts(services);
    const view = { isWhole: flags['no-trunc'], now: terminal.now() };
    terminal.stdout.write(flags.format === 'json' ? formatCacheMountsJson(mounts) : formatCacheMounts(mounts, view));
    return EXIT_CODE.done;
  },
});

export const cacheMountsRm = defineVerb({
  name: 'cache-mounts rm',
  summary: 'remove cache mounts by id or key; fails while a build runs',
  operands: '<id> [<id>…]',
  completes: 'cache-mount',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    force: { alias: 'f', type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
  },
  needsNamespace: () => 'reads-store',
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { removeCacheMounts } = await import('../../../engine/state/cache-mounts.ts');
    const removed = await removeCacheMounts(services, { mounts: operands });
    terminal.stdout.write(formatRemovedMounts(removed.mounts));
    terminal.stdout.write(`Total reclaimed space: ${formatSize(removed.bytes)}\n`);
    return EXIT_CODE.done;
  },
});

export function formatCacheMounts(
  mounts: readonly CacheMountUsage[],
  view: { readonly isWhole: boolean; readonly now: number },
): string {
  const rows = mounts.map(({ id, key, bytes, usedAt }) => [
    id,
    formatId(key, view.isWhole),
    formatSize(bytes),
    formatAge(new Date(usedAt).toISOString(), view.now),
  ]);
  return formatTable(['ID', 'KEY', 'SIZE', 'LAST USED'], rows);
}

function formatCacheMountsJson(mounts: readonly CacheMountUsage[]): string {
  return formatJsonLines(
    mounts.map(({ id, key, bytes, usedAt }) => ({
      ID: id,
      Key: key,
      Size: bytes,
      LastUsedAt: new Date(usedAt).toISOString(),
    })),
  );
}

/** One line for each removed mount. */
export function formatRemovedMounts(mounts: readonly CacheMountUsage[]): string {
  return mounts.map(({ id }) => `Removed: ${toPrintable(id)}\n`).join('');
}
