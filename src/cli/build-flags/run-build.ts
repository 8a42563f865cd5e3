/** Runs a build for a verb of the command line: progress, result files, warnings. */
import type { Readable } from 'node:stream';
import type { BuildRequest, BuildResult, RegistrySettings } from '../../api/index.ts';
import { openEngine } from '../open-engine.ts';
import { withProgress } from '../render/index.ts';
import type { ProgressMode } from '../render/open-renderer.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { formatWarnings } from '../text/diagnostics.ts';
import { createPaint } from '../text/paint.ts';
import type { NamespaceNeed } from '../verb-definition.ts';
import {
  checkResultFiles,
  type ResultFiles,
  refuseArchiveOnTerminal,
  removeStaleId,
  writeResultFiles,
  writesToStdout,
} from './result.ts';

export interface BuildRun {
  readonly request: BuildRequest;
  readonly mode: ProgressMode;
  readonly files: Omit<ResultFiles, 'cwd'>;
  /** Shown as warnings. */
  readonly notes: readonly string[];
  /** File with additional certificate authorities. */
  readonly ca?: string | undefined;
  readonly registries?: RegistrySettings;
  /** Takes the place of standard input. */
  readonly stdin?: () => Readable;
}

/** Builds, writes the result files, shows warnings and prints the image ID. */
export async function runBuild(run: BuildRun, terminal: Terminal): Promise<BuildResult> {
  const { request, mode } = run;
  const files = { ...run.files, cwd: terminal.cwd() };
  refuseArchiveOnTerminal(request.outputs, terminal.stdout);
  checkResultFiles(files);
  removeStaleId(files);
  const result = await withProgress(mode, terminal, async (call) => {
    for (const message of run.notes) call.report({ type: 'warning', message });
    await using services = await openEngine(terminal, run.ca, run.registries);
    const { build } = await import('../../engine/build/build.ts');
    return await build(services, request, run.stdin === undefined ? call : { ...call, stdin: run.stdin });
  });
  writeResultFiles(result, files, terminal.env);
  if (mode !== 'quiet' && mode !== 'none') await showWarnings(result, mode === 'rawjson', terminal);
  const output = writesToStdout(request.outputs) ? terminal.stderr : terminal.stdout;
  output.write(`${result.id}\n`);
  return result;
}

/** What a build needs a user namespace for. */
export async function findNamespaceNeed(request: BuildRequest, terminal: Terminal): Promise<NamespaceNeed> {
  const { mayRunSteps } = await import('../../engine/build/may-run-steps.ts');
  if ((request.isolation ?? terminal.env.MKIMAGE_ISOLATION) === 'chroot') return 'none';
  return mayRunSteps(request, terminal.cwd()) ? 'runs-steps' : 'none';
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
