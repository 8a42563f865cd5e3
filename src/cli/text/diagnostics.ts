import type { BuildResult } from '../../api/index.ts';
import type { Paint } from './paint.ts';
import { toPrintable } from './printable.ts';

type Diagnostic = BuildResult['warnings'][number];

/** A build file's name (as messages show it) and its text. */
export type SourceText = BuildResult['file'];

/** Formats `Dockerfile:3:6: error: message`, the source lines, the fixes and the hint. */
export async function formatDiagnostic(found: Diagnostic, file: SourceText, paint: Paint): Promise<string> {
  const severity = paint(found.severity === 'error' ? 'red' : 'yellow', `${found.severity}:`);
  const { line, column } = found.range.start;
  const title = `${file.name}:${line}:${column}: ${severity} ${toPrintable(found.message)} (${found.code})`;
  const hint = found.hint === undefined ? [] : [`${paint('cyan', 'hint:')} ${toPrintable(found.hint)}`];
  const fixes = (found.fixes ?? []).map((fix) => `${paint('cyan', 'fix:')} ${toPrintable(fix.title)}`);
  return [title, await formatCodeFrame(file, found.range), ...fixes, ...hint].join('\n');
}

/** Formats the warnings at the end of a build in BuildKit's layout, each with its source lines. */
export async function formatWarnings(warnings: readonly Diagnostic[], file: SourceText, paint: Paint): Promise<string> {
  if (warnings.length === 0) return '';
  const title = ` ${warnings.length} warning${warnings.length === 1 ? '' : 's'} found:`;
  const items = await Promise.all(
    warnings.map(async (warning) => {
      const text = ` - ${warning.code}: ${toPrintable(warning.message)} (${file.name}:${warning.range.start.line})`;
      const hint = warning.hint === undefined ? [] : [`   ${paint('cyan', 'hint:')} ${toPrintable(warning.hint)}`];
      return [text, ...hint, indent(await formatCodeFrame(file, warning.range))].join('\n');
    }),
  );
  return `\n${paint('yellow', title)}\n${items.join('\n')}\n`;
}

/** Formats the lines of a range with line numbers. Its module is loaded on demand, because most runs do not need it. */
export async function formatCodeFrame(file: SourceText, range: Diagnostic['range']): Promise<string> {
  const { formatCodeFrame } = await import('../../engine/authoring/code-frame.ts');
  return formatCodeFrame(file.text, range).split('\n').map(toPrintable).join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '   ');
}
