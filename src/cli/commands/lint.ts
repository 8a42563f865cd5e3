import type { LintAnswer } from '../../api/index.ts';
import type { Threshold } from '../../lint/index.ts';
import { flagValues } from '../arguments.ts';
import { BUILD_FLAGS } from '../build-flags/flags.ts';
import { checkText, noteUnknownBases } from '../build-flags/inspect-build-file.ts';
import { buildRequestOf } from '../build-flags/request.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { type Paint, painter } from '../text/paint.ts';
import { REPORT_FORMATS, type ReportFormat, reportText } from '../text/report-format.ts';
import { defineVerb } from '../verb.ts';

export const lint = defineVerb({
  name: 'lint',
  summary: 'check how a build file is written, and mend it',
  operands: '[directory, URL or -]',
  completes: 'directory',
  least: 0,
  most: 1,
  flags: {
    file: BUILD_FLAGS.file,
    all: { type: 'boolean', describe: 'make the checks that are made only by request, too' },
    fix: { type: 'boolean', describe: 'apply the fixes that cannot change the image, then check what is left' },
    format: { type: 'string', choices: ['tty', ...REPORT_FORMATS], describe: 'how to print (default: tty)' },
    'fail-on': {
      type: 'string',
      choices: ['error', 'warning', 'info', 'style', 'never'],
      describe: 'the least grave finding that makes the exit code 3 (default: info)',
    },
    explain: {
      type: 'string',
      describe: "say what a check is about, by its name or hadolint's code, and do nothing else",
    },
    config: {
      type: 'string',
      alias: 'c',
      describe: "hadolint's settings (default: .hadolint.yaml)",
      completes: 'file',
    },
    target: BUILD_FLAGS.target,
    'build-arg': BUILD_FLAGS['build-arg'],
    'build-context': BUILD_FLAGS['build-context'],
    platform: BUILD_FLAGS.platform,
  },
  examples: [
    ['mkimage lint', 'check ./Dockerfile'],
    ['mkimage lint --fix', 'and mend what can be mended safely'],
    ['mkimage lint --explain DL3008', 'say what a check is about'],
    ['mkimage lint --format=sarif . >lint.sarif', 'for code scanning'],
  ],
  async run({ flags, operands, terminal }) {
    if (flags.explain !== undefined) return explain(flags.explain, terminal);
    const defaults = flagValues([], BUILD_FLAGS);
    const request = buildRequestOf({ ...defaults, ...flags }, operands[0] ?? '.', terminal.env);
    await using services = await openEngine(terminal);
    const engine = await import('../../engine/authoring/lint.ts');
    const asked = { build: request, all: flags.all, fix: flags.fix, config: flags.config };
    const answer = await engine.lint(services, asked, engineCall(terminal));
    noteUnknownBases(answer.unknownBases, terminal);
    if (answer.applied > 0) terminal.stderr.write(`${fixedText(answer)}\n`);
    const format = (flags.format ?? formatOf(answer.view)) as ShownFormat;
    const isPlain = answer.view?.noColor === true || !hasColour(terminal.stdout, terminal.env);
    terminal.stdout.write(await reportOf(answer, format, painter(!isPlain), terminal.now()));
    return await exitCodeFor(answer, (flags['fail-on'] as FailOn | undefined) ?? failOnOf(answer.view));
  },
});

async function explain(rule: string, terminal: Terminal): Promise<ExitCode> {
  const { explainRule } = await import('../text/explain-rule.ts');
  terminal.stdout.write(await explainRule(rule));
  return EXIT_CODE.done;
}

type ShownFormat = 'tty' | ReportFormat;
type FailOn = Threshold | 'never';

/** What hadolint calls `json` is `hadolint` here. */
function formatOf(view: LintAnswer['view']): ShownFormat {
  const format = view?.format ?? 'tty';
  return format === 'json' ? 'hadolint' : format;
}

function failOnOf(view: LintAnswer['view']): FailOn {
  return view?.noFail === true ? 'never' : (view?.failureThreshold ?? 'info');
}

function fixedText({ applied, file }: LintAnswer): string {
  return `fixed ${applied} ${applied === 1 ? 'finding' : 'findings'} in ${file.name}`;
}

/** Without the secrets that stand in the file. */
async function reportOf(answer: LintAnswer, format: ShownFormat, paint: Paint, now: number): Promise<string> {
  const { hideSecrets, lintDiagnostics } = await import('../../lint/index.ts');
  const { report, file } = hideSecrets(answer);
  if (format !== 'tty') return reportText(report, file, format, now);
  const text = await checkText({ diagnostics: lintDiagnostics(report), file }, paint);
  const count = report.findings.filter(({ fixes }) => fixes.some(({ isSafe }) => isSafe)).length;
  return count === 0 ? text : `${text}${count} of them can be mended with \`--fix\`\n`;
}

async function exitCodeFor({ report: { findings, errors } }: LintAnswer, failOn: FailOn): Promise<ExitCode> {
  if (failOn === 'never') return EXIT_CODE.done;
  const { reaches } = await import('../../lint/index.ts');
  const isBad = errors.length > 0 || findings.some(({ level = 'warning' }) => reaches(level, failOn));
  return isBad ? EXIT_CODE.buildFile : EXIT_CODE.done;
}
