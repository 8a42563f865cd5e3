import type { BuildResult } from '../../engine/build-request.ts';

type Warning = BuildResult['warnings'][number];

/** A warning about the build file as a `warnings` line of BuildKit's `client.SolveStatus`, with its place. */
export function warningStatus(warning: Warning, file: BuildResult['file']): object {
  return { warnings: [warningOf(warning, file)] };
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

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
