import { splitCommas } from '../../docker-syntax/index.ts';
import { refuseDeleteOutside } from '../build-flags/delete-guard.ts';
import { BUILD_FLAGS, listIgnoredFlagNotes } from '../build-flags/flags.ts';
import { type BuildFlags, createBuildRequest } from '../build-flags/request.ts';
import { findNamespaceNeed, runBuild } from '../build-flags/run-build.ts';
import { readCall, readProgressMode } from '../build-flags/view.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
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
    return findNamespaceNeed(createBuildRequest(flags, operands[0]!, terminal.env), terminal);
  },
  async run({ flags, operands, terminal }) {
    const { method, format } = readCall(flags);
    if (method === 'build') return buildImage(flags, operands[0]!, terminal);
    const { inspectBuildFile } = await import('../build-flags/inspect-build-file.ts');
    const asked = { method, format, metadataFile: flags['metadata-file'], ca: flags.ca };
    return inspectBuildFile(asked, createBuildRequest(flags, operands[0]!, terminal.env), terminal);
  },
});

async function buildImage(flags: BuildFlags, context: string, terminal: Terminal): Promise<ExitCode> {
  const request = createBuildRequest(flags, context, terminal.env);
  const mode = readProgressMode(flags, terminal.env);
  refuseDeleteOutside(request.outputs, flags.allow.flatMap(splitCommas), terminal.cwd());
  const files = { iidfile: flags.iidfile, metadataFile: flags['metadata-file'], digestFile: flags['digest-file'] };
  await runBuild({ request, mode, files, notes: listIgnoredFlagNotes(flags), ca: flags.ca }, terminal);
  return EXIT_CODE.done;
}
