import type { LintAnswer } from '../../api/index.ts';
import type { Threshold } from '../../lint/index.ts';
import { toFlagValues } from '../arguments.ts';
import { BUILD_FLAGS } from '../build-flags/flags.ts';
import { formatCheck, noteUnknownBases } from '../build-flags/inspect-build-file.ts';
import { createBuildRequest } from '../build-flags/request.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { createPaint, type Paint } from '../text/paint.ts';
import { formatReport, REPORT_FORMATS, type ReportFormat } from '../text/report-format.ts';
import { defineVerb } from '../verb.ts';

export const lint = defineVerb({
  name: 'lint',
  summary: 'check a build file for problems, and fix them',
  operands: '[directory, URL or -]',
  completes: 'directory',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    file: BUILD_FLAGS.file,
    all: { type: 'boolean', describe: 'also run the checks that are off by default' },
    fix: {
      type: 'boolean',
      describe: 'apply the fixes that cannot change the image, then report the remaining findings',
    },
    format: { type: 'string', choices: ['tty', ...REPORT_FORMATS], describe: 'output format (default: tty)' },
    'fail-on': {
      type: 'string',
      choices: ['error', 'warning', 'info', 'style', 'never'],
      describe: 'lowest level of findings that causes exit code 3 (default: info)',
    },
    explain: {
      type: 'string',
      describe: 'print the documentation of a check, by its name or hadolint code, and exit',
    },
    config: {
      type: 'string',
      alias: 'c',
      describe: 'hadolint configuration file (default: .hadolint.yaml)',
      completes: 'file',
    },
    target: BUILD_FLAGS.target,
    'build-arg': BUILD_FLAGS['build-arg'],
    'build-context': BUILD_FLAGS['build-context'],
    platform: BUILD_FLAGS.platform,
  },
  examples: [
    ['mkimage lint', 'check ./Dockerfile'],
    ['mkimage lint --fix', 'apply the safe fixes'],
    ['mkimage lint --explain DL3008', 'print the documentation of a check'],
    ['mkimage lint --format=sarif . >lint.sarif', 'write a report for code scanning'],
  ],
  async run({ flags, operands, terminal }) {
    if (flags.explain !== undefined) return explain(flags.explain, terminal);
    const defaults = toFlagValues([], BUILD_FLAGS);
    const request = createBuildRequest({ ...defaults, ...flags }, operands[0] ?? '.', terminal.env);
    await using services = await openEngine(terminal);
    const engine = await import('../../engine/authoring/lint.ts');
    const asked = { build: request, all: flags.all, fix: flags.fix, config: flags.config };
    const answer = await engine.lint(services, asked, createEngineCall(terminal));
    noteUnknownBases(answer.unknownBases, terminal);
    if (answer.applied > 0) terminal.stderr.write(`${formatFixedCount(answer)}\n`);
    const format = (flags.format ?? formatOf(answer.view)) as ShownFormat;
    const isPlain = answer.view?.noColor === true || !hasColour(terminal.stdout, terminal.env);
    terminal.stdout.write(
      await formatLintReport(answer, { format, paint: createPaint(!isPlain), now: terminal.now() }),
    );
    return await chooseExitCode(answer, (flags['fail-on'] as FailOn | undefined) ?? failOnOf(answer.view));
  },
});

async function explain(rule: string, terminal: Terminal): Promise<ExitCode> {
  const { explainRule } = await import('../text/explain-rule.ts');
  terminal.stdout.write(await explainRule(rule));
  return EXIT_CODE.done;
}

type ShownFormat = 'tty' | ReportFormat;
type FailOn = Threshold | 'never';

/** hadolint's `json` format is called `hadolint` in mkimage. */
function formatOf(view: LintAnswer['view']): ShownFormat {
  const format = view?.format ?? 'tty';
  return format === 'json' ? 'hadolint' : format;
}

function failOnOf(view: LintAnswer['view']): FailOn {
  return view?.noFail === true ? 'never' : (view?.failureThreshold ?? 'info');
}

function formatFixedCount({ applied, file }: LintAnswer): string {
  return `fixed ${applied} ${applied === 1 ? 'finding' : 'findings'} in ${file.name}`;
}

/** Formats the report. Secrets in the file are replaced. */
async function formatLintReport(
  answer: LintAnswer,
  { format, paint, now }: { readonly format: ShownFormat; readonly paint: Paint; readonly now: number },
): Promise<string> {
  const { hideSecrets, toLintDiagnostics } = await import('../../lint/index.ts');
  const { report, file } = hideSecrets(answer);
  if (format !== 'tty') return formatReport(report, file, { format, now });
  const text = await formatCheck({ diagnostics: toLintDiagnostics(report), file }, paint);
  const count = report.findings.filter(({ fixes }) => fixes.some(({ isSafe }) => isSafe)).length;
  return count === 0 ? text : `${text}${count} of them can be fixed with \`--fix\`\n`;
}

async function chooseExitCode({ report: { findings, errors } }: LintAnswer, failOn: FailOn): Promise<ExitCode> {
  if (failOn === 'never') return EXIT_CODE.done;
  const { reachesLevel } = await import('../../lint/index.ts');
  const isBad = errors.length > 0 || findings.some(({ level = 'warning' }) => reachesLevel(level, failOn));
  return isBad ? EXIT_CODE.buildFile : EXIT_CODE.done;
}
