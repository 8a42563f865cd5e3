/** `--format` of the verbs that print tables. Go templates are not supported. */
export const FORMAT_FLAG = {
  type: 'string',
  choices: ['table', 'json'],
  describe: 'output format: a table, or one JSON object per line',
} as const;

/** Formats an ID for a list: the first twelve digits, or the whole ID. */
export function formatId(id: string, isWhole: boolean): string {
  return isWhole ? id : id.replace(/^sha256:/, '').slice(0, 12);
}
