import type { BuildResult } from '../../api/index.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

type Diagnostic = BuildResult['warnings'][number];

/** A build file's name, as messages show it, and its text. */
export type SourceText = BuildResult['file'];

/** `Dockerfile:3:6: error: message`, the lines it is about, what to do, and where to read more. */
export async function diagnosticText(found: Diagnostic, file: SourceText, paint: Paint): Promise<string> {
  const severity = paint(found.severity === 'error' ? 'red' : 'yellow', `${found.severity}:`);
  const { line, column } = found.range.start;
  const title = `${file.name}:${line}:${column}: ${severity} ${printable(found.message)} (${found.code})`;
  const hint = found.hint === undefined ? [] : [`${paint('cyan', 'hint:')} ${printable(found.hint)}`];
  const fixes = (found.fixes ?? []).map((fix) => `${paint('cyan', 'fix:')} ${printable(fix.title)}`);
  return [title, await frameText(file, found.range), ...fixes, ...hint].join('\n');
}

/** What a build says about its warnings when it is done, as BuildKit does, each with its place. */
export async function warningsText(warnings: readonly Diagnostic[], file: SourceText, paint: Paint): Promise<string> {
  if (warnings.length === 0) return '';
  const title = ` ${warnings.length} warning${warnings.length === 1 ? '' : 's'} found:`;
  const items = await Promise.all(
    warnings.map(async (warning) => {
      const text = ` - ${warning.code}: ${printable(warning.message)} (${file.name}:${warning.range.start.line})`;
      const hint = warning.hint === undefined ? [] : [`   ${paint('cyan', 'hint:')} ${printable(warning.hint)}`];
      return [text, ...hint, indent(await frameText(file, warning.range))].join('\n');
    }),
  );
  return `\n${paint('yellow', title)}\n${items.join('\n')}\n`;
}

/** The lines of a range with their numbers. Loaded late: whoever has a range to show has read a build file already. */
export async function frameText(file: SourceText, range: Diagnostic['range']): Promise<string> {
  const { codeFrame } = await import('../../engine/authoring/code-frame.ts');
  return codeFrame(file.text, range).split('\n').map(printable).join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '   ');
}
