import { readBuildFileInput, readContext, readNamedContexts } from '../../docker-syntax/index.ts';
import type { ContextRequest, HiddenEntry, ListedContext } from '../../engine/authoring/index.ts';
import type { Call } from '../../progress.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import type { Terminal } from '../terminal.ts';
import { type ContextView, contextEntriesText, contextSummary, hiddenText, verdictText } from '../text/context-text.ts';
import { defineVerb } from '../verb.ts';

type Entries = Awaited<ReturnType<ListedContext['seen']>>;

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
    const view = { isJson: flags.format === 'json', isLong: flags.long, isOnly: names.length === 1 };
    await withContexts(request, names, terminal, async (context, call) => {
      if (flags.why.length > 0) await showVerdicts(context, flags.why, view, terminal, call);
      else if (flags.ignored) show(terminal, hiddenText(context.name, await context.hidden(call), view));
      else showSeen(context.name, await context.seen(call), view, terminal);
    });
    return EXIT_CODE.done;
  },
});

async function withContexts(
  request: ContextRequest,
  names: readonly string[],
  terminal: Terminal,
  look: (context: ListedContext, call: Call) => Promise<void>,
): Promise<void> {
  await using services = await openEngine(terminal);
  const { openListedContext } = await import('../../engine/authoring/list-context.ts');
  const call = engineCall(terminal);
  for (const name of names) {
    await using context = await openListedContext(services, request, name, call);
    await look(context, call);
  }
}

/** The list goes to stdout, so that it can be piped; what it comes to goes to stderr. */
function showSeen(name: string, entries: Entries, view: ContextView, terminal: Terminal): void {
  show(terminal, contextEntriesText(name, entries, view));
  terminal.stderr.write(contextSummary(entries));
}

async function showVerdicts(
  context: ListedContext,
  paths: readonly string[],
  view: ContextView,
  terminal: Terminal,
  call: Call,
): Promise<void> {
  for (const path of paths) {
    const verdict: Entries[number] | HiddenEntry = await context.judge(path, call);
    const alone = { ...view, isOnly: true };
    show(
      terminal,
      'by' in verdict ? hiddenText(context.name, [verdict], alone) : verdictText(context.name, verdict, alone),
    );
  }
}

function show(terminal: Terminal, text: string): void {
  terminal.stdout.write(text);
}
