import type { Cmd, Entrypoint } from '../../instructions/index.ts';
import { type Report, type Rule, ruleUrl } from './rule.ts';

export const JSONArgsRecommended: Rule = {
  name: 'JSONArgsRecommended',
  description: 'Write CMD and ENTRYPOINT as JSON, so that signals reach the program and not a shell',
  url: ruleUrl('json-args-recommended'),
};

/** A stage that names its SHELL has said what it wants. */
export function checkJsonArgs(instruction: Cmd | Entrypoint, shell: readonly string[], report: Report): void {
  if (instruction.command.form === 'exec' || shell.length > 0) return;
  const detail = `JSON arguments recommended for ${instruction.keyword} to prevent unintended behavior related to OS signals`;
  report(JSONArgsRecommended, detail, instruction.range);
}
