import type { Instruction } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const InvalidDefinitionDescription: Rule = {
  name: 'InvalidDefinitionDescription',
  description: 'Begin the last comment above a stage or argument with its name',
  url: createRuleUrl('invalid-definition-description'),
  experimental: true,
};

export function checkDefinitionDescription(instruction: Instruction, report: Report): void {
  const names = listDefinedNames(instruction);
  const comment = instruction.comments.at(-1)?.text.trim();
  if (names.length === 0 || comment === undefined || names.includes(comment.split(' ')[0]!)) return;
  const example = names.length > 1 ? '<arg_key>' : names[0];
  const keyword = instruction.kind.toUpperCase();
  const detail = `Comment for ${keyword} should follow the format: \`# ${example} <description>\``;
  report({ rule: InvalidDefinitionDescription, detail, range: instruction.range });
}

function listDefinedNames(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'arg') return instruction.args.map((arg) => arg.name);
  return instruction.kind === 'from' && instruction.as ? [instruction.as.name.toLowerCase()] : [];
}
