import type { IsolationInfo, MachineInfo } from '../../api/index.ts';
import { formatPlatform } from '../../oci/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { toPrintable } from '../text/printable.ts';
import { defineVerb } from '../verb.ts';
import { VERSION } from '../version.ts';

export const info = defineVerb({
  name: 'info',
  summary: 'show how RUN instructions are isolated on this machine, and the local store',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    format: { type: 'string', choices: ['text', 'json'], describe: 'output format: text, or one JSON object' },
  },
  examples: [['mkimage info', 'show which isolations work here, and what the others need']],
  needsNamespace: () => 'runs-steps',
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { describeMachine } = await import('../../engine/state/info.ts');
    const machine = await describeMachine(services);
    const asJson = flags.format === 'json';
    terminal.stdout.write(asJson ? `${JSON.stringify({ version: VERSION, ...machine })}\n` : formatInfo(machine));
    return EXIT_CODE.done;
  },
});

export function formatInfo(machine: MachineInfo): string {
  const { root, platform, snapshotter, wanted, isolation = 'none works', isolations, limits } = machine;
  const lines = [
    `Version: ${VERSION}`,
    `Platform: ${formatPlatform(platform)}`,
    `Store: ${toPrintable(root)}`,
    `Snapshotter: ${snapshotter}`,
    `Isolation: ${isolation} (${toPrintable(wanted)} was asked for)`,
    'Isolations:',
    ...isolations.flatMap(formatIsolation),
    'Limits:',
    ...Object.entries(limits).map(([name, value]) => ` MKIMAGE_LIMIT_${name}: ${value}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function formatIsolation({ name, usable, detail, protects, needs }: IsolationInfo): readonly string[] {
  const found = toPrintable(detail);
  return [
    ` ${name}: ${usable ? `available (${found})` : `not available: ${found}`}`,
    `  protects: ${protects}`,
    ...(usable ? [] : [`  needs: ${needs}`]),
  ];
}
