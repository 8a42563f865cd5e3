import { MkimageError } from '../errors.ts';
import { createSuggestionHint } from '../notation/index.ts';
import { EXIT_CODE, type ExitCode, exitCodeOf } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { findVerb, listGroupWords, listVerbNames } from './verbs.ts';
import { VERSION } from './version.ts';

/** Runs one command line (without `node` and the script) and returns the exit code. Never throws. */
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

/** Checks this first: without a current directory, later steps fail with messages that do not name the cause. */
function requireCurrentDirectory({ cwd }: Terminal): void {
  try {
    cwd();
  } catch (cause) {
    throw new MkimageError('usage', 'the current directory no longer exists', {
      cause,
      hint: '`cd` to a directory that exists',
    });
  }
}

/** Docker's flags that may stand before the command, as every command takes them. */
function takeLeadingFlags(args: readonly string[]): {
  readonly flags: readonly string[];
  readonly others: readonly string[];
} {
  const flags: string[] = [];
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    const [, attached] = /^(?:--log-level=|-l=?)(.+)$/s.exec(arg) ?? [];
    if (arg === '--debug' || arg === '-D') flags.push('--debug');
    else if (attached !== undefined) flags.push(`--log-level=${attached}`);
    else if (arg === '--log-level' || arg === '-l') flags.push(`--log-level=${args[++at] ?? ''}`);
    else break;
  }
  return { flags, others: args.slice(at) };
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { flags, others } = takeLeadingFlags(args);
  const [first, ...rest] = others;
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
    const { renderOverview } = await import('./text/overview.ts');
    const text = await renderOverview(terminal.stdout.columns);
    terminal[first === undefined ? 'stderr' : 'stdout'].write(text);
    return first === undefined ? EXIT_CODE.usage : EXIT_CODE.done;
  }
  const found = findVerb(others);
  if (found === undefined) throw createUnknownVerbError(first, rest[0]);
  return (await found.load()).run([...flags, ...found.args], terminal);
}

function createUnknownVerbError(first: string, second: string | undefined): MkimageError {
  if (first.startsWith('-')) {
    return new MkimageError('usage', `unknown flag \`${first}\``, {
      hint: 'flags come after the command, e.g. `mkimage build --help`',
    });
  }
  const inGroup = listGroupWords(first);
  if (inGroup.length > 0) {
    const list = inGroup.map((word) => `\`${word}\``).join(', ');
    const hint = second === undefined ? `one of ${list}` : createSuggestionHint(second, inGroup, `one of ${list}`);
    return new MkimageError('usage', `unknown command \`${[first, second ?? ''].join(' ').trim()}\``, { hint });
  }
  return new MkimageError('usage', `unknown command \`${first}\``, {
    hint: createSuggestionHint(first, listVerbNames(), 'run `mkimage --help` to list the commands'),
  });
}
