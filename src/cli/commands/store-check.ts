import type { DamagedThing, StoreCheck } from '../../api/index.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { toPrintable } from '../text/printable.ts';
import { defineVerb } from '../verb.ts';

export const storeCheck = defineVerb({
  name: 'store check',
  summary: 'read the whole store and report damaged objects',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    repair: { type: 'boolean', describe: 'remove damaged objects; they are downloaded or built again when needed' },
    format: { type: 'string', choices: ['text', 'json'], describe: 'output format: text, or one JSON object' },
  },
  needsNamespace: () => 'reads-store',
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { checkStore } = await import('../../engine/state/check-store.ts');
    const result = await checkStore(services, { repair: flags.repair }, createEngineCall(terminal));
    terminal.stdout.write(flags.format === 'json' ? `${JSON.stringify(result)}\n` : formatStoreCheck(result));
    return result.damaged.every(({ repaired }) => repaired) ? EXIT_CODE.done : EXIT_CODE.internal;
  },
});

export function formatStoreCheck({ checked, damaged, unread }: StoreCheck): string {
  const counts = Object.entries(checked).map(([kind, count]) => `${count} × ${kind}`);
  const removed = damaged.filter(({ repaired }) => repaired).length;
  const verdict = damaged.length === 0 ? 'no damage found' : `${damaged.length} damaged, ${removed} repaired`;
  const createUnsupportedError = unread.map(({ path, why }) => `Not checked: ${path} (${why})\n`).join('');
  const hint = removed < damaged.length ? 'hint: run `mkimage store check --repair` to remove damaged objects\n' : '';
  return `${damaged.map(lineOf).join('')}Checked: ${counts.join(', ')}\n${createUnsupportedError}${verdict}\n${hint}`;
}

function lineOf({ kind, path, images, repaired }: DamagedThing): string {
  const needed = images.length === 0 ? '' : ` (build, pull or load again: ${images.map(toPrintable).join(', ')})`;
  return `${repaired ? 'repaired' : 'damaged'}: ${kind} ${toPrintable(path)}${needed}\n`;
}
