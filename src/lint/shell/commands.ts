/** Simple commands of a shell script, in the order in which they are written. */
import { type ShellToken, type ShellWord, scanShell } from './scan.ts';

export interface ShellCommand {
  /** Base name of the program, after `sudo`, `env`, `exec` and similar; empty if it is unknown (a variable). */
  readonly name: string;
  /** The word that names the program; undefined if there are only assignments. */
  readonly program: ShellWord | undefined;
  /** Base names of the programs that run this program: `sudo`, `env`. */
  readonly wrappers: readonly string[];
  /** Words after the program. */
  readonly args: readonly ShellWord[];
  /** `NAME=value` before the program. */
  readonly assignments: readonly string[];
  /** The operator after the command: `&&`, `|`, `;` or a line feed; empty at the end of the script. */
  readonly end: string;
  /** The operator before the command; empty at the beginning. */
  readonly before: string;
  readonly redirections: readonly string[];
  /** Half-open offsets into the script, from the first word that is not reserved (`then`, `do`, …) to the last word. */
  readonly from: number;
  readonly to: number;
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', '}', 'fi', 'done', 'esac']);
/** Programs that run another program, with those of their flags that take a value. */
const WRAPPERS: Readonly<Record<string, RegExp>> = {
  sudo: /^-[ugpCDhrTU]$/,
  doas: /^-[uC]$/,
  env: /^-[uCS]$/,
  exec: /^-a$/,
  command: /^$/,
  nice: /^-n$/,
  time: /^-[of]$/,
  eatmydata: /^$/,
  nohup: /^$/,
  builtin: /^$/,
};
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;

export function parseShellCommands(script: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let redirections: string[] = [];
  let before = '';
  const finish = (end: string) => {
    const command = createCommand(words, redirections, { before, end });
    if (command) commands.push(command);
    if (command || before === '') before = end;
    words = [];
    redirections = [];
  };
  for (const token of skipHeredocs(scanShell(script), script)) {
    if (token.kind === 'word') words.push(token.word);
    else if (token.kind === 'redirection') redirections.push(token.text);
    else finish(token.text);
  }
  finish('');
  return commands;
}

/** Skips the contents of heredocs inside the script. */
function skipHeredocs(tokens: readonly ShellToken[], script: string): readonly ShellToken[] {
  const kept: ShellToken[] = [];
  const open: { readonly name: string; readonly chomp: boolean }[] = [];
  let resume = 0;
  for (const token of tokens) {
    const start = token.kind === 'word' ? token.word.start : token.start;
    if (start < resume) continue;
    kept.push(token);
    const mark = token.kind === 'redirection' ? /^\d*<<(-?)(?!<)(.+)$/s.exec(token.text) : null;
    if (mark) open.push({ name: mark[2]!, chomp: mark[1] === '-' });
    if (token.kind !== 'operator' || token.text !== '\n') continue;
    resume = start + 1;
    for (const { name, chomp } of open.splice(0)) resume = findHeredocEnd(script, resume, { name, chomp });
  }
  return kept;
}

function findHeredocEnd(
  script: string,
  from: number,
  { name, chomp }: { readonly name: string; readonly chomp: boolean },
): number {
  for (let start = from; start < script.length; ) {
    const feed = script.indexOf('\n', start);
    const end = feed < 0 ? script.length : feed;
    const line = script.slice(start, end).replace(/\r$/, '');
    if ((chomp ? line.replace(/^\t+/, '') : line) === name) return end + 1;
    start = end + 1;
  }
  return script.length;
}

function createCommand(
  words: readonly ShellWord[],
  redirections: readonly string[],
  { before, end }: { readonly before: string; readonly end: string },
): ShellCommand | undefined {
  const first = words[0];
  if (first === undefined) return undefined;
  let at = 0;
  const assignments: string[] = [];
  const skipAssignments = () => {
    for (; ASSIGNMENT.test(words[at]?.raw ?? ''); at += 1) assignments.push(words[at]!.text);
  };
  while (RESERVED.has(words[at]?.raw ?? '')) at += 1;
  const from = (words[at] ?? first).start;
  skipAssignments();
  let program = words[at];
  const wrappers: string[] = [];
  for (let flags = findWrapperFlags(program); flags !== undefined; flags = findWrapperFlags(words[at])) {
    wrappers.push(readBaseName(program!));
    at = skipFlags(words, at + 1, flags);
    skipAssignments();
    program = words[at] ?? program;
  }
  return {
    name: program?.isPlain ? readBaseName(program) : '',
    program,
    wrappers,
    args: words.slice(at + 1),
    assignments,
    redirections,
    before,
    end,
    from,
    to: words.at(-1)!.end,
  };
}

function readBaseName({ text }: ShellWord): string {
  return text.slice(text.lastIndexOf('/') + 1);
}

function findWrapperFlags(word: ShellWord | undefined): RegExp | undefined {
  const name = word === undefined ? '' : readBaseName(word);
  return Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
}

function skipFlags(words: readonly ShellWord[], from: number, withValue: RegExp): number {
  let at = from;
  for (; words[at]?.text.startsWith('-'); at += 1) if (withValue.test(words[at]!.text)) at += 1;
  return at;
}
