import type { BuildFileAnswer, BuildRequest, Question } from '../../api/index.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { formatDiagnostic } from '../text/diagnostics.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import { formatReport, type ReportFormat } from '../text/report-format.ts';
import { formatTable } from '../text/table.ts';
import { createBuildReference } from './metadata.ts';
import { checkResultFiles, writeMetadata } from './result.ts';

export interface BuildFileInspection {
  /** PEM file with additional certificate authorities. */
  readonly ca?: string | undefined;
  readonly method: Question;
  readonly format: 'text' | ReportFormat;
  /** `--metadata-file`: the answer is also written to this file, in the format of buildx. */
  readonly metadataFile: string | undefined;
}

/** Runs `--call=check|outline|targets` and prints the answer. Returns `buildFile` if a check reports a finding. */
export async function inspectBuildFile(
  asked: BuildFileInspection,
  request: BuildRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  const files = { iidfile: undefined, metadataFile: asked.metadataFile, cwd: terminal.cwd() };
  checkResultFiles(files);
  await using services = await openEngine(terminal, asked.ca);
  const { askBuildFile } = await import('../../engine/authoring/ask-build-file.ts');
  const answer = await askBuildFile(services, { question: asked.method, build: request }, createEngineCall(terminal));
  writeMetadata({ 'buildx.build.ref': createBuildReference(), 'result.json': answer.json }, files);
  noteUnknownBases(answer.unknownBases, terminal);
  const paint = createPaint(hasColour(terminal.stdout, terminal.env));
  terminal.stdout.write(
    asked.format === 'text'
      ? await formatAnswer(answer, paint)
      : await formatAnswerReport(answer, asked.format, terminal.now()),
  );
  const isClean = answer.question !== 'check' || answer.diagnostics.length === 0;
  return isClean ? EXIT_CODE.done : EXIT_CODE.buildFile;
}

/** Prints a note for each base image whose config is not known. */
export function noteUnknownBases(bases: readonly string[], terminal: Pick<Terminal, 'stderr'>): void {
  for (const base of bases) {
    terminal.stderr.write(`note: \`${base}\` is not in the local store; its config is assumed to set only PATH\n`);
  }
}

/** Formats the answer for programs. */
async function formatAnswerReport(answer: BuildFileAnswer, format: ReportFormat, now: number): Promise<string> {
  if (answer.question !== 'check' || format === 'json') return `${JSON.stringify(answer.json, undefined, 2)}\n`;
  const { findings, errors } = answer.result;
  const report = { findings: findings.map((finding) => ({ ...finding, fixes: [] })), errors };
  return formatReport(report, answer.file, { format, now });
}

/** Formats the answer as text. */
export async function formatAnswer(answer: BuildFileAnswer, paint: Paint): Promise<string> {
  switch (answer.question) {
    case 'check':
      return formatCheck(answer, paint);
    case 'outline':
      return formatOutline(answer.json);
    case 'targets':
      return formatTargets(answer.json);
    default:
      return answer satisfies never;
  }
}

/** Formats every diagnostic with its source lines, then the number of errors and warnings. */
export async function formatCheck(
  { diagnostics, file }: Pick<BuildFileAnswer & { question: 'check' }, 'diagnostics' | 'file'>,
  paint: Paint,
): Promise<string> {
  const texts = await Promise.all(diagnostics.map((found) => formatDiagnostic(found, file, paint)));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const counts = [formatCount(errors, 'error'), formatCount(diagnostics.length - errors, 'warning')].filter(Boolean);
  const summary = counts.length === 0 ? 'no warnings found' : `${counts.join(' and ')} found`;
  return `${[...texts, `check complete: ${summary}`].join('\n\n')}\n`;
}

function formatCount(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function formatOutline(json: (BuildFileAnswer & { question: 'outline' })['json']): string {
  const listCredentials = (list: typeof json.secrets) =>
    (list ?? []).map(({ name, required }) => [name, required ? 'true' : '']);
  const sections = [
    json.name === undefined ? '' : `TARGET:   ${json.name}\n`,
    json.description === undefined ? '' : `DESCRIPTION:   ${json.description}\n`,
    formatSection(
      ['BUILD ARG', 'VALUE', 'DESCRIPTION'],
      (json.args ?? []).map((arg) => [arg.name, arg.value ?? '', arg.description ?? '']),
    ),
    formatSection(['SECRET', 'REQUIRED'], listCredentials(json.secrets)),
    formatSection(['SSH', 'REQUIRED'], listCredentials(json.ssh)),
  ].filter((text) => text !== '');
  return sections.length === 0 ? 'no build arguments, secrets or SSH agents\n' : sections.join('\n');
}

function formatSection(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : formatTable(headings, rows);
}

function formatTargets(json: (BuildFileAnswer & { question: 'targets' })['json']): string {
  const rows = json.targets.map((target) => {
    const name = [target.name ?? '', target.default ? '(default)' : ''].filter(Boolean).join(' ');
    return [name, target.base ?? '', target.description ?? ''];
  });
  return formatTable(['TARGET', 'BASE', 'DESCRIPTION'], rows);
}
