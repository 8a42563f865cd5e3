import type { DamagedThing, StoreCheck } from '../../api/index.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { printable } from '../text/printable.ts';
import { defineVerb } from '../verb.ts';

export const storeCheck = defineVerb({
  name: 'store check',
  summary: 'read the whole store and tell what is damaged',
  operands: '',
  least: 0,
  most: 0,
  flags: {
    repair: { type: 'boolean', describe: 'remove what is damaged; it is fetched or made again when it is needed' },
    format: { type: 'string', choices: ['text', 'json'], describe: 'how to print: lines, or one JSON object' },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { checkStore } = await import('../../engine/state/check-store.ts');
    const result = await checkStore(services, { repair: flags.repair }, engineCall(terminal));
    terminal.stdout.write(flags.format === 'json' ? `${JSON.stringify(result)}\n` : checkText(result));
    return result.damaged.every(({ repaired }) => repaired) ? EXIT_CODE.done : EXIT_CODE.internal;
  },
});

export function checkText({ checked, damaged, unread }: StoreCheck): string {
  const counts = Object.entries(checked).map(([kind, count]) => `${count} × ${kind}`);
  const removed = damaged.filter(({ repaired }) => repaired).length;
  const verdict = damaged.length === 0 ? 'nothing is damaged' : `${damaged.length} damaged, ${removed} repaired`;
  const notRead = unread.map(({ path, why }) => `Not checked: ${path} (${why})\n`).join('');
  const hint = removed < damaged.length ? 'hint: `mkimage store check --repair` removes what is damaged\n' : '';
  return `${damaged.map(lineOf).join('')}Checked: ${counts.join(', ')}\n${notRead}${verdict}\n${hint}`;
}

function lineOf({ kind, path, images, repaired }: DamagedThing): string {
  const needed = images.length === 0 ? '' : ` (build, pull or load again: ${images.map(printable).join(', ')})`;
  return `${repaired ? 'repaired' : 'damaged'}: ${kind} ${printable(path)}${needed}\n`;
}
