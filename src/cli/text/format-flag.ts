/** `--format` of the verbs that print tables. (Go templates are not read.) */
export const FORMAT_FLAG = {
  type: 'string',
  choices: ['table', 'json'],
  describe: 'how to print: a table, or one JSON object a line',
} as const;

/** An ID as lists show it: the first twelve digits, or all of it. */
export function shownId(id: string, isWhole: boolean): string {
  return isWhole ? id : id.replace(/^sha256:/, '').slice(0, 12);
}
