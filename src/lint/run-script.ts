/** Parses the commands of a RUN, with the position of each word in the build file. */
import type { Heredoc, Range, Run, SourceMap } from '../instructions/index.ts';
import { parseShellCommands, type ShellCommand } from './shell/commands.ts';

export interface RunScript {
  readonly kind: 'line' | 'heredoc' | 'exec';
  readonly text: string;
  readonly commands: readonly ShellCommand[];
  /** Shell that the heredoc or the exec form names itself, with its flags: `bash -e`. */
  readonly interpreter?: string;
  /** Position of a part of the text in the build file; undefined if the exact position is unknown. */
  toRange(from: number, to: number): Range | undefined;
}

const LONE_HEREDOC = /^\s*\d*<<-?(?:"[^"<]*"|'[^'<]*'|[^\s<'"])+\s*$/;
const SHELL_NAME = /^(?:\/(?:usr\/)?bin\/)?(?:env\s+)?(?:ba|da|a|k|z)?sh$/;

/** Scripts of a RUN: the command line, a heredoc that a shell reads, and the text after `sh -c` in exec form. */
export function readScripts(run: Run, source: SourceMap): readonly RunScript[] {
  const { command, heredocs } = run;
  if (command.form === 'exec') return readExecScripts(command.args);
  const text = command.args.join(' ');
  const [first] = heredocs;
  if (first && LONE_HEREDOC.test(text)) return readHeredocScripts(first, interpreterOf(first.content), source);
  const line = readLineScript(run, text, source);
  const [only] = line.commands;
  const feedsShell = first && line.commands.length === 1 && SHELL_NAME.test(only!.name);
  if (!feedsShell) return [line];
  const interpreter = [only!.name, ...only!.args.map((word) => word.text)].join(' ');
  return [line, ...readHeredocScripts(first, interpreter, source)];
}

function readExecScripts(args: readonly string[]): readonly RunScript[] {
  const [program = '', flags = '', text = ''] = args;
  const isScript = SHELL_NAME.test(program) && /^-\w*c$/.test(flags);
  const script = isScript ? text : args.map(quoteWord).join(' ');
  const interpreter = isScript ? { interpreter: `${program} ${flags}` } : {};
  return [
    { kind: 'exec', text: script, commands: parseShellCommands(script), ...interpreter, toRange: () => undefined },
  ];
}

function quoteWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function readLineScript(run: Run, text: string, source: SourceMap): RunScript {
  const line = source.line(run);
  const at = line.text.lastIndexOf(text);
  const range = (from: number, to: number) => (at < 0 ? undefined : line.toRange(at + from, at + to));
  return { kind: 'line', text, commands: parseShellCommands(text), toRange: range };
}

/** Empty if the heredoc is a script for a program that is not a shell. */
function readHeredocScripts(
  heredoc: Heredoc,
  interpreter: string | undefined,
  source: SourceMap,
): readonly RunScript[] {
  const text = heredoc.content;
  if (text.startsWith('#!') && interpreter === undefined) return [];
  const lineEnd = /\r?\n|$/y;
  lineEnd.lastIndex = heredoc.range.start.offset;
  const start = heredoc.range.start.offset + (lineEnd.exec(source.text)?.[0].length ?? 0);
  const isAsWritten = source.text.startsWith(text, start);
  const range = (from: number, to: number) => (isAsWritten ? source.toRange(start + from, start + to) : undefined);
  const named = interpreter === undefined ? {} : { interpreter };
  return [{ kind: 'heredoc', text, commands: parseShellCommands(text), ...named, toRange: range }];
}

/** The interpreter that the `#!` line names, if it is a shell. */
function interpreterOf(content: string): string | undefined {
  const [, program = '', flags = ''] = /^#!\s*((?:\/\S*\/env\s+)?\S+)[ \t]*([^\r\n]*)/.exec(content) ?? [];
  return SHELL_NAME.test(program.replace(/^\/\S*\/(?=env\s)/, '')) ? `${program} ${flags}`.trim() : undefined;
}
