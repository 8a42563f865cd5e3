import type { BuildResult } from '../../api/index.ts';

type Warning = BuildResult['warnings'][number];

/** What goes into a line of `rawjson` (bytes), so that no line is above 64 KiB: a longer source stays out, messages are cut. */
const MOST_SOURCE = 36_000;
const MOST_TEXT = 2000;

/** A warning about the build file as a `warnings` line of BuildKit's `client.SolveStatus`, with its place. */
export function warningStatus(warning: Warning, file: BuildResult['file']): object {
  const source = Buffer.byteLength(file.text) > MOST_SOURCE ? { ...file, text: '' } : file;
  const hint = warning.hint === undefined ? {} : { hint: cut(warning.hint) };
  return { warnings: [warningOf({ ...warning, message: cut(warning.message), ...hint }, source)] };
}

/** The same as BuildKit's `client.VertexWarning`, of no vertex. */
export function warningOf({ code, message, hint, range: { start, end } }: Warning, file: BuildResult['file']): object {
  const [, url] = /^see (https:\S+)$/.exec(hint ?? '') ?? [];
  return {
    level: 1,
    short: base64(`${code}: ${message} (line ${start.line})`),
    ...(hint === undefined ? {} : { detail: [base64(hint)] }),
    ...(url === undefined ? {} : { url }),
    sourceInfo: { filename: file.name, data: base64(file.text), language: 'Dockerfile' },
    range: [{ start: { line: start.line }, end: { line: end.line } }],
  };
}

function cut(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
