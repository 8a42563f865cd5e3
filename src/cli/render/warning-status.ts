import type { BuildResult } from '../../api/index.ts';

type Warning = BuildResult['warnings'][number];

/** Maximum size of the source text in one `rawjson` line (bytes). A longer source is left out, so that no line exceeds 64 KiB. */
const MAX_SOURCE = 36_000;
/** Maximum length of a message (UTF-16 units). */
const MAX_TEXT = 2000;

/** Converts a warning to a `warnings` line of BuildKit's `client.SolveStatus`, with its source range. */
export function toWarningStatus(warning: Warning, file: BuildResult['file']): object {
  const source = Buffer.byteLength(file.text) > MAX_SOURCE ? { ...file, text: '' } : file;
  const hint = warning.hint === undefined ? {} : { hint: cut(warning.hint) };
  return { warnings: [toWarning({ ...warning, message: cut(warning.message), ...hint }, source)] };
}

/** Converts a warning to BuildKit's `client.VertexWarning` without a vertex. */
export function toWarning({ code, message, hint, range: { start, end } }: Warning, file: BuildResult['file']): object {
  const [, url] = /^see (https:\S+)$/.exec(hint ?? '') ?? [];
  return {
    level: 1,
    short: encodeBase64(`${code}: ${message} (line ${start.line})`),
    ...(hint === undefined ? {} : { detail: [encodeBase64(hint)] }),
    ...(url === undefined ? {} : { url }),
    sourceInfo: { filename: file.name, data: encodeBase64(file.text), language: 'Dockerfile' },
    range: [{ start: { line: start.line }, end: { line: end.line } }],
  };
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
