import type { ContextAnswer, ContextEntry, ContextRequest, HiddenEntry } from '../../api/index.ts';
import { readBuildFileInput, readContext, readNamedContexts } from '../../docker-syntax/index.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import type { Terminal } from '../terminal.ts';
import {
  type ContextView,
  formatContextEntries,
  formatContextSummary,
  formatHiddenEntries,
  formatVisibleEntry,
} from '../text/context-text.ts';
import { defineVerb } from '../verb.ts';

export const contextLs = defineVerb({
  name: 'context ls',
  summary: 'list the files of a build context, and the ignore rules that exclude others',
  operands: '[<directory, URL or ->]',
  completes: 'directory',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    file: {
      alias: 'f',
      type: 'string',
      describe: 'path of the build file; its own ignore file takes precedence',
      completes: 'file',
    },
    'build-context': { type: 'string', array: true, describe: 'list this named build context, NAME=…; repeatable' },
    long: { alias: 'l', type: 'boolean', describe: 'show type, mode and size' },
    ignored: {
      alias: 'i',
      type: 'boolean',
      describe: 'list the excluded files, with the ignore rule that excludes each of them',
    },
    why: {
      type: 'string',
      array: true,
      describe: 'show whether this path is in the context, and which rule excludes it; repeatable',
    },
    format: { type: 'string', choices: ['text', 'json'], describe: 'output format: text, or one JSON object per line' },
  },
  examples: [
    ['mkimage context ls', 'list the files that `mkimage build .` can COPY'],
    ['mkimage context ls --why target/app.jar', 'show which rule excludes the file'],
    ['mkimage context ls --build-context docs=../docs', 'list another context'],
  ],
  async run({ flags, operands, terminal }) {
    const namedContexts = readNamedContexts(flags['build-context']);
    const file = flags.file === undefined ? undefined : readBuildFileInput(flags.file);
    const request = { context: readContext(operands[0] ?? '.'), file, namedContexts };
    const names = [
      ...(operands.length > 0 || flags['build-context'].length === 0 ? [''] : []),
      ...Object.keys(namedContexts),
    ];
    const ask = askOf(flags);
    const view = { isJson: flags.format === 'json', isLong: flags.long, isOnly: names.length === 1 };
    await using services = await openEngine(terminal);
    const { listContext } = await import('../../engine/authoring/list-context.ts');
    for (const name of names) {
      printAnswer(await listContext(services, { ...request, name, ask }, createEngineCall(terminal)), terminal, {
        name,
        view,
      });
    }
    return EXIT_CODE.done;
  },
});

function askOf({
  why,
  ignored,
}: {
  readonly why: readonly string[];
  readonly ignored: boolean;
}): ContextRequest['ask'] {
  if (why.length > 0) return { kind: 'verdicts', paths: why };
  return { kind: ignored ? 'hidden' : 'seen' };
}

/** Prints the list to stdout, so that it can be piped, and the summary to stderr. */
function printAnswer(
  answer: ContextAnswer,
  { stdout, stderr }: Terminal,
  { name, view }: { readonly name: string; readonly view: ContextView },
): void {
  switch (answer.kind) {
    case 'seen':
      stdout.write(formatContextEntries(name, answer.entries, view));
      stderr.write(formatContextSummary(answer.entries));
      return;
    case 'hidden':
      stdout.write(formatHiddenEntries(name, answer.hidden, view));
      return;
    case 'verdicts':
      for (const verdict of answer.verdicts) stdout.write(formatVerdict(name, verdict, { ...view, isOnly: true }));
      return;
    default:
      answer satisfies never;
  }
}

function formatVerdict(name: string, verdict: ContextEntry | HiddenEntry, view: ContextView): string {
  return 'by' in verdict ? formatHiddenEntries(name, [verdict], view) : formatVisibleEntry(name, verdict, view);
}
