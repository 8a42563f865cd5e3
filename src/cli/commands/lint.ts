import type { LintAnswer } from '../../engine/lint.ts';
import { flagValues } from '../arguments.ts';
import { BUILD_FLAGS } from '../build/flags.ts';
import { checkText, noteUnknownBases } from '../build/inspect-build-file.ts';
import { buildRequestOf } from '../build/request.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { painter } from '../paint.ts';
import { REPORT_FORMATS, type ReportFormat, reportText } from '../report-format.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const lint = defineVerb({
  name: 'lint',
  summary: 'check how a build file is written, and mend it',
  operands: '[directory, URL or -]',
  least: 0,
  most: 1,
  flags: {
    file: BUILD_FLAGS.file,
    all: { type: 'boolean', describe: 'make the checks that are made only by request, too' },
    fix: { type: 'boolean', describe: 'apply the fixes that cannot change the image, then check what is left' },
    format: { type: 'string', choices: ['tty', ...REPORT_FORMATS], describe: 'how to print (default: tty)' },
    'fail-on': {
      type: 'string',
      choices: ['warning', 'error', 'never'],
      describe: 'what makes the exit code 3 (default: warning)',
    },
    target: BUILD_FLAGS.target,
    'build-arg': BUILD_FLAGS['build-arg'],
    'build-context': BUILD_FLAGS['build-context'],
    platform: BUILD_FLAGS.platform,
  },
  examples: [
    ['mkimage lint', 'check ./Dockerfile'],
    ['mkimage lint --fix', 'and mend what can be mended safely'],
    ['mkimage lint --format=sarif . >lint.sarif', 'for code scanning'],
  ],
  async run({ flags, operands, terminal }) {
    const defaults = flagValues([], BUILD_FLAGS);
    const request = buildRequestOf({ ...defaults, ...flags }, operands[0] ?? '.', terminal.env);
    await using services = await openEngine(terminal);
    const engine = await import('../../engine/lint.ts');
    const call = { signal: terminal.signal, report: () => {} };
    const answer = await engine.lint(services, { build: request, all: flags.all, fix: flags.fix }, call);
    noteUnknownBases(answer.unknownBases, terminal);
    if (answer.applied > 0) terminal.stderr.write(`${fixedText(answer)}\n`);
    await print(answer, (flags.format ?? 'tty') as 'tty' | ReportFormat, terminal);
    return exitCodeFor(answer, flags['fail-on'] ?? 'warning');
  },
});

function fixedText({ applied, file }: LintAnswer): string {
  return `fixed ${applied} ${applied === 1 ? 'finding' : 'findings'} in ${file.name}`;
}

async function print({ report, file }: LintAnswer, format: 'tty' | ReportFormat, terminal: Terminal): Promise<void> {
  if (format !== 'tty') {
    terminal.stdout.write(await reportText(report, file, format));
    return;
  }
  const { lintDiagnostics } = await import('../../lint/index.ts');
  const paint = painter(hasColour(terminal.stdout, terminal.env));
  terminal.stdout.write(await checkText({ diagnostics: lintDiagnostics(report), file }, paint));
  const count = report.findings.filter(({ fixes }) => fixes.some(({ isSafe }) => isSafe)).length;
  if (count > 0) terminal.stdout.write(`${count} of them can be mended with \`--fix\`\n`);
}

function exitCodeFor({ report: { findings, errors } }: LintAnswer, failOn: string): ExitCode {
  const isBad = errors.length > 0 || (failOn === 'warning' && findings.length > 0);
  return isBad && failOn !== 'never' ? EXIT_CODE.buildFile : EXIT_CODE.done;
}
