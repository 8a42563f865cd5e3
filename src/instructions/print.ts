/** Prints instructions as text. The text has the same meaning when parsed again; layout and inner comments are lost. */
import type {
  Add,
  BuildFile,
  CommandLine,
  Copy,
  CopySourceWord,
  Directive,
  Healthcheck,
  Heredoc,
  Instruction,
  MountFlag,
  Onbuild,
  Run,
  Word,
} from './instruction.ts';

type Escape = BuildFile['escape'];

/** Prints one instruction with its heredocs, without a line feed at the end. */
export function printInstruction(instruction: Instruction, escapeCharacter: Escape = '\\'): string {
  // The text of a trigger keeps the tabs of its heredocs, as in the image, so it is printed unchanged.
  if (instruction.kind === 'onbuild') return `${instruction.keyword} ${protectEnd(instruction.text, escapeCharacter)}`;
  const words = [instruction.keyword, ...printArguments(instruction, escapeCharacter)];
  const line = protectEnd(words.filter((word) => word !== '').join(' '), escapeCharacter);
  return [line, ...listHeredocs(instruction).map(printHeredoc)].join('\n');
}

/** Prints the directives, then each instruction after its comments. */
export function printBuildFile(file: BuildFile): string {
  const head = file.directives.map(printDirective);
  const body = file.instructions.flatMap((instruction) => [
    ...instruction.comments.map(({ text }) => `# ${text}`),
    printInstruction(instruction, file.escape),
  ]);
  return [...head, ...(head.length > 0 ? [''] : []), ...body, ''].join('\n');
}

function printDirective({ name, value }: Directive): string {
  return `# ${name}=${value}`;
}

function printArguments(instruction: Exclude<Instruction, Onbuild>, sign: Escape): readonly string[] {
  const printOptionalFlag = (name: string, word: Word | undefined) =>
    word === undefined ? '' : printFlag(name, word.raw, sign);
  switch (instruction.kind) {
    case 'from': {
      const stage = instruction.as === undefined ? [] : [instruction.as.keyword, instruction.as.name];
      return [printOptionalFlag('platform', instruction.platform), printText(instruction.image.raw), ...stage];
    }
    case 'arg':
      return instruction.args.map(({ key, value }) => (value === undefined ? key.raw : `${key.raw}=${value.raw}`));
    case 'env':
    case 'label':
      return instruction.pairs.map(({ key, value, legacy }) => `${key.raw}${legacy ? ' ' : '='}${value.raw}`);
    case 'run':
      return [...printRunFlags(instruction, sign), printCommand(instruction.command)];
    case 'copy':
    case 'add':
      return [
        ...printCopyFlags(instruction, sign),
        printPaths([...instruction.sources.map(printSource), instruction.destination.raw]),
      ];
    case 'expose':
      return [printText(instruction.ports.map(({ raw }) => raw).join(' '))];
    case 'volume':
      return [printPaths(instruction.paths.map(({ raw }) => raw))];
    case 'workdir':
      return [printText(instruction.path.raw)];
    case 'user':
      return [printText(instruction.user.raw)];
    case 'stopsignal':
      return [printText(instruction.signal.raw)];
    case 'maintainer':
      return [printText(instruction.name)];
    case 'cmd':
    case 'entrypoint':
    case 'shell':
      return [printCommand(instruction.command)];
    case 'healthcheck':
      return printHealthcheck(instruction);
    default:
      return instruction satisfies never;
  }
}

function printRunFlags(run: Run, sign: Escape): readonly string[] {
  return [
    ...run.mounts.map((mount) => printFlag('mount', printMount(mount), sign)),
    run.network === undefined ? '' : printFlag('network', run.network.raw, sign),
    run.security === undefined ? '' : printFlag('security', run.security.raw, sign),
    ...run.devices.map(({ word }) => printFlag('device', word.raw, sign)),
  ];
}

function printCopyFlags(copy: Copy | Add, sign: Escape): readonly string[] {
  const own: Readonly<Record<string, Word | boolean | undefined>> =
    copy.kind === 'copy'
      ? { from: copy.from, parents: copy.parents }
      : { checksum: copy.checksum, 'keep-git-dir': copy.keepGitDir, unpack: copy.unpack };
  const flags = { ...own, chown: copy.chown, chmod: copy.chmod, link: copy.link };
  const printed = Object.entries(flags).map(([name, value]) => {
    if (value === undefined) return '';
    return typeof value === 'boolean' ? printSwitch(name, value) : printFlag(name, value.raw, sign);
  });
  return [...printed, ...copy.excludes.map(({ raw }) => printFlag('exclude', raw, sign))];
}

function printHealthcheck(check: Healthcheck): readonly string[] {
  if (check.command === undefined) return ['NONE'];
  const durations = {
    interval: check.interval,
    timeout: check.timeout,
    'start-period': check.startPeriod,
    'start-interval': check.startInterval,
  };
  const flags = Object.entries(durations).map(([name, value]) => (value === undefined ? '' : `--${name}=${value}ns`));
  const retries = check.retries === undefined ? '' : `--retries=${check.retries}`;
  return [...flags, retries, 'CMD', printCommand(check.command, { afterFlags: false })];
}

function printSwitch(name: string, value: boolean): string {
  return value ? `--${name}` : `--${name}=false`;
}

/** Escapes characters that would end the flag or be removed from it. */
function printFlag(name: string, value: string, sign: Escape): string {
  return `--${name}=${value.replace(/[\s\u0085"'\\`]/g, (character) => (isPlain(character, sign) ? character : sign + character))}`;
}

function isPlain(character: string, sign: Escape): boolean {
  return (character === '\\' || character === '`') && character !== sign;
}

function printMount({ options }: MountFlag): string {
  const fields = options.map(({ key, value }) => (value === undefined ? key : `${key}=${value.raw}`));
  return fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

function printCommand({ form, args }: CommandLine, { afterFlags = true } = {}): string {
  if (form === 'exec') return JSON.stringify(args).replaceAll('","', '", "');
  return afterFlags ? printText(args[0]!) : args[0]!;
}

/** Writes `--`, which ends the flags, before a text that begins like a flag. */
function printText(text: string): string {
  return text.startsWith('--') ? `-- ${text}` : text;
}

/** Uses the JSON form for paths with blanks, and for paths that would be parsed differently. */
function printPaths(paths: readonly string[]): string {
  const needsJson = paths.some((path) => path === '' || /[\s\u0085]/.test(path)) || isMisread(paths);
  return needsJson ? JSON.stringify(paths).replaceAll('","', '", "') : printText(paths.join(' '));
}

function isMisread(paths: readonly string[]): boolean {
  return paths[0]!.startsWith('[');
}

function printSource(source: CopySourceWord): string {
  return source.kind === 'path' ? source.word.raw : source.heredoc.mark;
}

function listHeredocs(instruction: Instruction): readonly Heredoc[] {
  switch (instruction.kind) {
    case 'run':
      return instruction.heredocs;
    case 'copy':
    case 'add':
      return instruction.sources.flatMap((source) => (source.kind === 'heredoc' ? [source.heredoc] : []));
    default:
      return [];
  }
}

function printHeredoc({ name, content }: Heredoc): string {
  return content + name;
}

/** Adds a form feed after an escape character at the end, so that it does not continue the line. */
function protectEnd(line: string, sign: Escape): string {
  return line.endsWith(sign) && !line.endsWith(sign + sign) ? `${line}\f` : line;
}
