import type { ContextAnswer, ContextEntry, ContextRequest, HiddenEntry } from '../../api/index.ts';
import { readBuildFileInput, readContext, readNamedContexts } from '../../docker-syntax/index.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import type { Terminal } from '../terminal.ts';
import { type ContextView, contextEntriesText, contextSummary, hiddenText, verdictText } from '../text/context-text.ts';
import { defineVerb } from '../verb.ts';

export const contextLs = defineVerb({
  name: 'context ls',
  summary: 'list what a build would see of a context, and which lines hide the rest',
  operands: '[<directory, URL or ->]',
  completes: 'directory',
  least: 0,
  most: 1,
  flags: {
    file: { alias: 'f', type: 'string', describe: 'build file, whose own ignore file comes first', completes: 'file' },
    'build-context': { type: 'string', array: true, describe: 'list this named context, NAME=…; repeatable' },
    long: { alias: 'l', type: 'boolean', describe: 'show type, mode and size' },
    ignored: { alias: 'i', type: 'boolean', describe: 'list what is hidden, with the line that hides it' },
    why: { type: 'string', array: true, describe: 'say whether this path is seen, and what hides it; repeatable' },
    format: { type: 'string', choices: ['text', 'json'], describe: 'lines of text, or one JSON object a line' },
  },
  examples: [
    ['mkimage context ls', 'what `mkimage build .` can COPY'],
    ['mkimage context ls --why target/app.jar', 'which line hides it'],
    ['mkimage context ls --build-context docs=../docs', 'of another context'],
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
      show(name, await listContext(services, { ...request, name, ask }, engineCall(terminal)), view, terminal);
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

/** The list goes to stdout, so that it can be piped; what it comes to goes to stderr. */
function show(name: string, answer: ContextAnswer, view: ContextView, { stdout, stderr }: Terminal): void {
  switch (answer.kind) {
    case 'seen':
      stdout.write(contextEntriesText(name, answer.entries, view));
      stderr.write(contextSummary(answer.entries));
      return;
    case 'hidden':
      stdout.write(hiddenText(name, answer.hidden, view));
      return;
    case 'verdicts':
      for (const verdict of answer.verdicts) stdout.write(verdictOf(name, verdict, { ...view, isOnly: true }));
      return;
    default:
      answer satisfies never;
  }
}

function verdictOf(name: string, verdict: ContextEntry | HiddenEntry, view: ContextView): string {
  return 'by' in verdict ? hiddenText(name, [verdict], view) : verdictText(name, verdict, view);
}
