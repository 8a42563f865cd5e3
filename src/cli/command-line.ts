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
    const { overview } = await import('./text/overview.ts');
    const text = await overview(terminal.stdout.columns);
    terminal[first === undefined ? 'stderr' : 'stdout'].write(text);
    return first === undefined ? EXIT_CODE.usage : EXIT_CODE.done;
  }
  const found = findVerb(others);
  if (found === undefined) throw unknownVerb(first, rest[0]);
  return (await found.load()).run([...flags, ...found.args], terminal);
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
