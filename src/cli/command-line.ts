import { MkimageError } from '../errors.ts';
import { didYouMean } from '../notation/index.ts';
import { EXIT_CODE, type ExitCode, exitCodeOf } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { findVerb, verbNames, wordsAfter } from './verbs.ts';
import { VERSION } from './version.ts';

/** Runs one command line (without `node` and the script) and says what the process should end with. Never throws. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    requireCurrentDirectory(terminal);
    return await dispatch(args, terminal);
  } catch (error) {
    const { printError } = await import('./text/print-error.ts');
    await printError(error, terminal, { debug: args.includes('--debug') || args.includes('-D') });
    return exitCodeOf(error);
  }
}

/** Paths of flags and images of modules are found from there; without it everything would fail in some odd way. */
function requireCurrentDirectory({ cwd }: Terminal): void {
  try {
    cwd();
  } catch (cause) {
    throw new MkimageError('usage', 'the current directory does not exist any more', { cause, hint: '`cd` to one' });
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === '--debug' || first === '-D') return dispatch([...rest, first], terminal);
  if (first === '--version' || first === '-v' || first === 'version') {
    terminal.stdout.write(`mkimage ${VERSION}\n`);
    return EXIT_CODE.done;
  }
  if (first === '__complete') {
    const { printCompletion } = await import('./completion/print-completion.ts');
    return printCompletion(rest, terminal);
  }
  if (first === 'help' && rest.length > 0) return dispatch([...rest, '--help'], terminal);
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const { overview } = await import('./text/overview.ts');
    const text = await overview(terminal.stdout.columns);
    terminal[first === undefined ? 'stderr' : 'stdout'].write(text);
    return first === undefined ? EXIT_CODE.usage : EXIT_CODE.done;
  }
  const found = findVerb(args);
  if (found === undefined) throw unknownVerb(first, rest[0]);
  return (await found.load()).run(found.args, terminal);
}

function unknownVerb(first: string, second: string | undefined): MkimageError {
  if (first.startsWith('-')) {
    return new MkimageError('usage', `unknown flag \`${first}\``, {
      hint: 'flags follow the verb: `mkimage build --help`',
    });
  }
  const inGroup = wordsAfter(first);
  if (inGroup.length > 0) {
    const list = inGroup.map((word) => `\`${word}\``).join(', ');
    const hint = second === undefined ? `one of ${list}` : didYouMean(second, inGroup, `one of ${list}`);
    return new MkimageError('usage', `unknown command \`${[first, second ?? ''].join(' ').trim()}\``, { hint });
  }
  return new MkimageError('usage', `unknown command \`${first}\``, {
    hint: didYouMean(first, verbNames(), '`mkimage --help` lists the commands'),
  });
}
