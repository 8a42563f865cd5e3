/** Checks of image settings: exposed ports and health checks. */

import type { LintStage } from '../lint-file.ts';
import { listWithTriggers } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';
import { readLiteral } from './base-image-tag.ts';

export const SshPortExposed: LintRule = {
  name: 'SshPortExposed',
  description: 'Do not expose an SSH server: use `exec` of the runtime',
  url: pageOf('SshPortExposed'),
  *find({ stages }) {
    for (const { source } of stages) {
      for (const instruction of listWithTriggers(source.instructions)) {
        if (instruction.kind !== 'expose') continue;
        for (const port of instruction.ports) {
          if (!includesSshPort(readLiteral(port) ?? '')) continue;
          const detail = `\`${port.raw}\` is the port of SSH: use \`exec\` of the runtime instead`;
          yield { instruction, detail, range: port.range };
        }
      }
    }
  },
};

const SSH = 22;

/** True for `22`, `22/tcp`, `20-25` and `8022:22`. Only the container port is compared. */
function includesSshPort(text: string): boolean {
  const [, first = '', last = first] = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/tcp)?$/i.exec(text) ?? [];
  return first !== '' && Number(first) <= SSH && SSH <= Number(last);
}

export const HealthcheckMissing: LintRule = {
  name: 'HealthcheckMissing',
  code: 'DL3057',
  description: 'Define a HEALTHCHECK',
  url: pageOf('HealthcheckMissing'),
  experimental: true,
  *find({ stages }) {
    const last = stages.at(-1);
    for (let stage = last; stage; stage = stage.base) if (hasHealthcheck(stage)) return;
    if (!last) return;
    const { from } = last.source;
    yield { instruction: from, detail: 'the image has no `HEALTHCHECK`', range: from.range };
  },
};

function hasHealthcheck({ source }: LintStage): boolean {
  return source.instructions.some(({ kind }) => kind === 'healthcheck');
}
