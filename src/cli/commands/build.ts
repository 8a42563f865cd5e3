import type { BuildResult } from '../../api/index.ts';
import { splitCommas } from '../../docker-syntax/index.ts';
import { refuseDeleteOutside } from '../build-flags/delete-guard.ts';
import { BUILD_FLAGS, listIgnoredFlagNotes } from '../build-flags/flags.ts';
import { type BuildFlags, createBuildRequest } from '../build-flags/request.ts';
import {
  checkResultFiles,
  refuseArchiveOnTerminal,
  removeStaleId,
  writeResultFiles,
  writesToStdout,
} from '../build-flags/result.ts';
import { readCall, readProgressMode } from '../build-flags/view.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { withProgress } from '../render/index.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { formatWarnings } from '../text/diagnostics.ts';
import { createPaint } from '../text/paint.ts';
import { defineVerb } from '../verb.ts';

export const build = defineVerb({
  name: 'build',
  summary: 'build an image from a Dockerfile',
  operands: '<directory, URL or ->',
  completes: 'directory',
  minOperands: 1,
  maxOperands: 1,
  flags: BUILD_FLAGS,
  examples: [
    ['mkimage build -t app .', 'build ./Dockerfile'],
    ['mkimage build -o type=oci,dest=app.tar .', 'build and write an archive'],
    ['mkimage build --check .', 'check the build file without building'],
  ],
  async needsNamespace({ flags, operands, terminal }) {
    if (readCall(flags).method !== 'build') return 'none';
    const { mayRunSteps } = await import('../../engine/build/may-run-steps.ts');
    const request = createBuildRequest(flags, operands[0]!, terminal.env);
    if ((request.isolation ?? terminal.env.MKIMAGE_ISOLATION) === 'chroot') return 'none';
    return mayRunSteps(request, terminal.cwd()) ? 'runs-steps' : 'none';
  },
  async run({ flags, operands, terminal }) {
    const { method, format } = readCall(flags);
    if (method === 'build') return runBuild(flags, operands[0]!, terminal);
    const { inspectBuildFile } = await import('../build-flags/inspect-build-file.ts');
    const asked = { method, format, metadataFile: flags['metadata-file'], ca: flags.ca };
    return inspectBuildFile(asked, createBuildRequest(flags, operands[0]!, terminal.env), terminal);
  },
});

async function runBuild(flags: BuildFlags, context: string, terminal: Terminal): Promise<ExitCode> {
  const request = createBuildRequest(flags, context, terminal.env);
  const mode = readProgressMode(flags, terminal.env);
  const cwd = terminal.cwd();
  const files = { iidfile: flags.iidfile, metadataFile: flags['metadata-file'], digestFile: flags['digest-file'], cwd };
  const { outputs } = request;
  refuseArchiveOnTerminal(outputs, terminal.stdout);
  refuseDeleteOutside(outputs, flags.allow.flatMap(splitCommas), cwd);
  checkResultFiles(files);
  removeStaleId(files);
  const result = await withProgress(mode, terminal, async (call) => {
    for (const message of listIgnoredFlagNotes(flags)) call.report({ type: 'warning', message });
    await using services = await openEngine(terminal, flags.ca);
    const { build } = await import('../../engine/build/build.ts');
    return await build(services, request, call);
  });
  writeResultFiles(result, files, terminal.env);
  if (mode !== 'quiet' && mode !== 'none') await showWarnings(result, mode === 'rawjson', terminal);
  const output = writesToStdout(outputs) ? terminal.stderr : terminal.stdout;
  output.write(`${result.id}\n`);
  return EXIT_CODE.done;
}

async function showWarnings(result: BuildResult, asJson: boolean, terminal: Terminal): Promise<void> {
  if (asJson) {
    const { toWarningStatus } = await import('../render/warning-status.ts');
    for (const warning of result.warnings)
      terminal.stderr.write(`${JSON.stringify(toWarningStatus(warning, result.file))}\n`);
    return;
  }
  const paint = createPaint(hasColour(terminal.stderr, terminal.env));
  terminal.stderr.write(await formatWarnings(result.warnings, result.file, paint));
}
