import { quote } from '../words/go-format.ts';
import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const SecretsUsedInArgOrEnv: Rule = {
  name: 'SecretsUsedInArgOrEnv',
  description: 'Do not pass secrets with ARG or ENV; the image contains both',
  url: createRuleUrl('secrets-used-in-arg-or-env'),
};

const SECRET = new Set('apikey auth credential credentials key password pword passwd psw secret token'.split(' '));
const HARMLESS = new Set(['public', 'file', 'version']);

/** Checks names only: the words between underscores. */
export function checkSecretName(instruction: 'ARG' | 'ENV', name: string, { range, report }: Place): void {
  const words = name.toLowerCase().split('_');
  if (!words.some((word) => SECRET.has(word)) || words.some((word) => HARMLESS.has(word))) return;
  const detail = `Do not use ARG or ENV instructions for sensitive data (${instruction} ${quote(name)})`;
  report({ rule: SecretsUsedInArgOrEnv, detail, range });
}
