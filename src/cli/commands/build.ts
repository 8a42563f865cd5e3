import type { BuildResult } from '../../api/index.ts';
import { splitCommas } from '../../docker-syntax/index.ts';
import { refuseFarDelete } from '../build-flags/delete-guard.ts';
import { BUILD_FLAGS, ignoredFlagNotes } from '../build-flags/flags.ts';
import { type BuildFlags, buildRequestOf } from '../build-flags/request.ts';
import {
  checkResultFiles,
  refuseArchiveOnTerminal,
  removeStaleId,
  takesStdout,
  writeResultFiles,
} from '../build-flags/result.ts';
import { progressMode, readCall } from '../build-flags/view.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { withProgress } from '../render/index.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { warningsText } from '../text/diagnostics.ts';
import { painter } from '../text/paint.ts';
import { defineVerb } from '../verb.ts';

export const build = defineVerb({
  name: 'build',
  summary: 'build an image from a build file',
  operands: '<directory, URL or ->',
  completes: 'directory',
  least: 1,
  most: 1,
  flags: BUILD_FLAGS,
  examples: [
    ['mkimage build -t app .', 'build ./Dockerfile'],
    ['mkimage build -o type=oci,dest=app.tar .', 'and write an archive'],
    ['mkimage build --check .', 'check the build file, build nothing'],
  ],
  async run({ flags, operands, terminal }) {
    const { method, format } = readCall(flags);
    if (method === 'build') return runBuild(flags, operands[0]!, terminal);
    const { inspectBuildFile } = await import('../build-flags/inspect-build-file.ts');
    const asked = { method, format, metadataFile: flags['metadata-file'], ca: flags.ca };
    return inspectBuildFile(asked, buildRequestOf(flags, operands[0]!, terminal.env), terminal);
  },
});

async function runBuild(flags: BuildFlags, context: string, terminal: Terminal): Promise<ExitCode> {
  const request = buildRequestOf(flags, context, terminal.env);
  const mode = progressMode(flags, terminal.env);
  const cwd = terminal.cwd();
  const files = { iidfile: flags.iidfile, metadataFile: flags['metadata-file'], cwd };
  const { outputs } = request;
  refuseArchiveOnTerminal(outputs, terminal.stdout);
  refuseFarDelete(outputs, flags.allow.flatMap(splitCommas), cwd);
  checkResultFiles(files);
  removeStaleId(files);
  const result = await withProgress(mode, terminal, async (call) => {
    for (const message of ignoredFlagNotes(flags)) call.report({ type: 'warning', message });
    await using services = await openEngine(terminal, flags.ca);
    const { build } = await import('../../engine/build/build.ts');
    return await build(services, request, call);
  });
  writeResultFiles(result, files, terminal.env);
  if (mode !== 'quiet' && mode !== 'none') await showWarnings(result, mode === 'rawjson', terminal);
  const output = takesStdout(outputs) ? terminal.stderr : terminal.stdout;
  output.write(`${result.config}\n`);
  return EXIT_CODE.done;
}

async function showWarnings(result: BuildResult, asJson: boolean, terminal: Terminal): Promise<void> {
  if (asJson) {
    const { warningStatus } = await import('../render/warning-status.ts');
    for (const warning of result.warnings)
      terminal.stderr.write(`${JSON.stringify(warningStatus(warning, result.file))}\n`);
    return;
  }
  const paint = painter(hasColour(terminal.stderr, terminal.env));
  terminal.stderr.write(await warningsText(result.warnings, result.file, paint));
}
