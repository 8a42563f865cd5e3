import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { createBuildRequest } from '../build-flags/request.ts';
import { type BuildRun, findNamespaceNeed, runBuild } from '../build-flags/run-build.ts';
import { readProgressMode } from '../build-flags/view.ts';
import { EXIT_CODE, type ExitCode } from '../exit-code.ts';
import { readKanikoContext } from '../kaniko/context.ts';
import { KANIKO_FLAGS, listNotes } from '../kaniko/flags.ts';
import { findGitLogin } from '../kaniko/git-login.ts';
import { prepareNameFiles, writeNameFiles } from '../kaniko/name-files.ts';
import { readRegistries } from '../kaniko/registries.ts';
import { type KanikoFlags, toBuildFlags } from '../kaniko/request.ts';
import type { Terminal } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const executor = defineVerb({
  name: 'executor',
  summary: "build with the flags of kaniko's executor",
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: KANIKO_FLAGS,
  examples: [
    ['mkimage executor --context dir://. --destination registry.example.com/app:1', 'build and push'],
    ['mkimage executor --context . --no-push --tar-path app.tar --destination app', 'build and write an archive'],
  ],
  async needsNamespace({ flags, terminal }) {
    return findNamespaceNeed(createRun(flags, terminal).request, terminal);
  },
  async run({ flags, terminal }) {
    const isVerbose = flags.verbosity === 'debug' || flags.verbosity === 'trace';
    if (!isVerbose || flags['log-format'] === 'json' || terminal.debugLog !== undefined)
      return execute(flags, terminal);
    const { withDebugLog } = await import('../log/with-debug-log.ts');
    return withDebugLog({ name: 'executor', level: 'debug', run: (place) => execute(flags, place) }, terminal);
  },
});

async function execute(flags: KanikoFlags, terminal: Terminal): Promise<ExitCode> {
  const { env, ...run } = createRun(flags, terminal);
  prepareNameFiles(flags, terminal.cwd());
  writeNameFiles(flags, terminal.cwd(), await runBuild(run, { ...terminal, env }));
  return EXIT_CODE.done;
}

function createRun(flags: KanikoFlags, terminal: Terminal): BuildRun & Pick<Terminal, 'env'> {
  const subPath = flags['context-sub-path'] || undefined;
  const place = { context: flags.context, subPath, git: flags.git, pullMethod: terminal.env.GIT_PULL_METHOD };
  const { context, archive } = readKanikoContext(place);
  const { secrets, env } = findGitLogin(context, terminal.env);
  const given = toBuildFlags(flags, env);
  const buildFlags = { ...given, secret: [...given.secret, ...secrets] };
  return {
    env,
    request: createBuildRequest(buildFlags, context, env),
    mode: readProgressMode(buildFlags, env),
    files: { iidfile: undefined, metadataFile: undefined, digestFile: buildFlags['digest-file'] },
    notes: listNotes(flags),
    registries: readRegistries(flags, terminal),
    ...(archive !== undefined && { stdin: () => openArchive(resolve(terminal.cwd(), archive)) }),
  };
}

function openArchive(path: string) {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return createReadStream(path);
  throw new MkimageError('usage', `open context \`${path}\`: no such archive`);
}
