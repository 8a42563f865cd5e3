import type { BuildResult } from '../../engine/build-request.ts';

/** A warning about the build file as a `warnings` line of BuildKit's `client.SolveStatus`, with its place. */
export function warningStatus(warning: BuildResult['warnings'][number], file: BuildResult['file']): object {
  const { start, end } = warning.range;
  return {
    warnings: [
      {
        level: 1,
        short: base64(`${warning.code}: ${warning.message} (line ${start.line})`),
        ...(warning.hint === undefined ? {} : { detail: [base64(warning.hint)] }),
        sourceInfo: { filename: file.name, data: base64(file.text), language: 'Dockerfile' },
        range: [{ start: { line: start.line }, end: { line: end.line } }],
      },
    ],
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
