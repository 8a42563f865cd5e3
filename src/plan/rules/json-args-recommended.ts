import type { Cmd, Entrypoint } from '../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const JSONArgsRecommended: Rule = {
  name: 'JSONArgsRecommended',
  description: 'Write CMD and ENTRYPOINT as JSON, so that signals reach the program and not a shell',
  url: createRuleUrl('json-args-recommended'),
};

/** Not reported in a stage with SHELL, because its author chose the shell. */
export function checkJsonArgs(instruction: Cmd | Entrypoint, shell: readonly string[], report: Report): void {
  if (instruction.command.form === 'exec' || shell.length > 0) return;
  const detail = `JSON arguments recommended for ${instruction.keyword} to prevent unintended behavior related to OS signals`;
  report({ rule: JSONArgsRecommended, detail, range: instruction.range });
}
