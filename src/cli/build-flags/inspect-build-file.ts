import type { BuildFileAnswer, BuildRequest, Question } from '../../api/index.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { diagnosticText } from '../text/diagnostics.ts';
import { type Paint, painter } from '../text/paint.ts';
import { type ReportFormat, reportText } from '../text/report-format.ts';
import { table } from '../text/table.ts';
import { buildReference } from './metadata.ts';
import { checkResultFiles, writeMetadata } from './result.ts';

export interface AskedOfBuildFile {
  /** A file of further certificate authorities. */
  readonly ca?: string | undefined;
  readonly method: Question;
  readonly format: 'text' | ReportFormat;
  /** `--metadata-file`: gets the answer too, as buildx writes it. */
  readonly metadataFile: string | undefined;
}

/** `--call=check|outline|targets`: prints what there is to say of a build file. A check that finds something fails. */
export async function inspectBuildFile(
  asked: AskedOfBuildFile,
  request: BuildRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  const files = { iidfile: undefined, metadataFile: asked.metadataFile, cwd: terminal.cwd() };
  checkResultFiles(files);
  await using services = await openEngine(terminal, asked.ca);
  const { askBuildFile } = await import('../../engine/authoring/ask-build-file.ts');
  const answer = await askBuildFile(services, { question: asked.method, build: request }, engineCall(terminal));
  writeMetadata({ 'buildx.build.ref': buildReference(), 'result.json': answer.json }, files);
  noteUnknownBases(answer.unknownBases, terminal);
  const paint = painter(hasColour(terminal.stdout, terminal.env));
  terminal.stdout.write(
    asked.format === 'text'
      ? await answerText(answer, paint)
      : await answerReport(answer, asked.format, terminal.now()),
  );
  const isClean = answer.question !== 'check' || answer.diagnostics.length === 0;
  return isClean ? EXIT_CODE.done : EXIT_CODE.buildFile;
}

/** Says which bases were not looked at. */
export function noteUnknownBases(bases: readonly string[], terminal: Pick<Terminal, 'stderr'>): void {
  for (const base of bases) {
    terminal.stderr.write(
      `note: \`${base}\` is not in the local store; it is taken for an image that sets only PATH\n`,
    );
  }
}

/** The answer for programs. */
async function answerReport(answer: BuildFileAnswer, format: ReportFormat, now: number): Promise<string> {
  if (answer.question !== 'check' || format === 'json') return `${JSON.stringify(answer.json, undefined, 2)}\n`;
  const { findings, errors } = answer.result;
  const report = { findings: findings.map((finding) => ({ ...finding, fixes: [] })), errors };
  return reportText(report, answer.file, format, now);
}

/** The answer for people. */
export async function answerText(answer: BuildFileAnswer, paint: Paint): Promise<string> {
  switch (answer.question) {
    case 'check':
      return checkText(answer, paint);
    case 'outline':
      return outlineText(answer.json);
    case 'targets':
      return targetsText(answer.json);
    default:
      return answer satisfies never;
  }
}

/** Every diagnostic with its lines, and how many there are. */
export async function checkText(
  { diagnostics, file }: Pick<BuildFileAnswer & { question: 'check' }, 'diagnostics' | 'file'>,
  paint: Paint,
): Promise<string> {
  const texts = await Promise.all(diagnostics.map((found) => diagnosticText(found, file, paint)));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')].filter(Boolean);
  const summary = counts.length === 0 ? 'no warnings found' : `${counts.join(' and ')} found`;
  return `${[...texts, `check complete: ${summary}`].join('\n\n')}\n`;
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function outlineText(json: (BuildFileAnswer & { question: 'outline' })['json']): string {
  const credentials = (list: typeof json.secrets) =>
    (list ?? []).map(({ name, required }) => [name, required ? 'true' : '']);
  const sections = [
    json.name === undefined ? '' : `TARGET:   ${json.name}\n`,
    json.description === undefined ? '' : `DESCRIPTION:   ${json.description}\n`,
    section(
      ['BUILD ARG', 'VALUE', 'DESCRIPTION'],
      (json.args ?? []).map((arg) => [arg.name, arg.value ?? '', arg.description ?? '']),
    ),
    section(['SECRET', 'REQUIRED'], credentials(json.secrets)),
    section(['SSH', 'REQUIRED'], credentials(json.ssh)),
  ].filter((text) => text !== '');
  return sections.length === 0 ? 'nothing to be set\n' : sections.join('\n');
}

function section(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : table(headings, rows);
}

function targetsText(json: (BuildFileAnswer & { question: 'targets' })['json']): string {
  const rows = json.targets.map((target) => {
    const name = [target.name ?? '', target.default ? '(default)' : ''].filter(Boolean).join(' ');
    return [name, target.base ?? '', target.description ?? ''];
  });
  return table(['TARGET', 'BASE', 'DESCRIPTION'], rows);
}
