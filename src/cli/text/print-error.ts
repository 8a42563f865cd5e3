import { isMkimageError, MkimageError } from '../../errors.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { diagnosticText, frameText } from './diagnostics.ts';
import { type Paint, painter } from './paint.ts';
import { cutLine, printable } from './printable.ts';

export interface ErrorPrinting {
  /** Adds the stack traces of the error and of its causes. */
  readonly debug: boolean;
}

/** Writes a failure to stderr as a person wants to read it. */
export async function printError(error: unknown, terminal: Terminal, printing: ErrorPrinting): Promise<void> {
  const paint = painter(hasColour(terminal.stderr, terminal.env));
  terminal.stderr.write(await errorText(error, paint, printing));
}

/** What went wrong, where, and what to do next; ends with a line feed. */
export async function errorText(error: unknown, paint: Paint, printing: ErrorPrinting): Promise<string> {
  const lines = [
    ...(await findingLines(error, paint)),
    ...(isMkimageError(error, 'step-failed') ? stepOutputLines(error, paint) : []),
    ...(await placeLines(error)),
    `${paint('red', 'error:')} ${messageOf(error)}`,
    ...causeLines(error),
    ...hintLines(error, paint),
    ...(printing.debug ? stackLines(error) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function messageOf(error: unknown): string {
  if (error instanceof MkimageError) return printableLines(error.message).join('\n');
  const text = printableLines(error instanceof Error ? error.message : String(error)).join('\n');
  return shortage(error) === undefined ? `internal error: ${text}` : text;
}

/** What the machine has not enough of is no fault of the program: by the system's code for it, what to do. */
const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: 'allow more open files: `ulimit -n 1024`',
  ENFILE: 'the machine has as many files open as it may; end other programs, or raise `fs.file-max`',
  ENOMEM: 'the machine has no memory left, or `ulimit -v` allows no more',
  EAGAIN: 'no more processes may be started: see `ulimit -u`',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
};

function shortage(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = causeOf(at)) {
    const code = (at as NodeJS.ErrnoException).code ?? '';
    if (Object.hasOwn(SHORTAGES, code)) return SHORTAGES[code];
  }
  return undefined;
}

/** All that is wrong in a build file, with its places. */
async function findingLines(error: unknown, paint: Paint): Promise<string[]> {
  if (!isMkimageError(error, 'build-file') && !isMkimageError(error, 'base-unavailable')) return [];
  if (error.evidence === undefined) return [];
  const { file, diagnostics } = error.evidence;
  const texts = await Promise.all(diagnostics.map((found) => diagnosticText(found, file, paint)));
  return texts.flatMap((text) => [text, '']);
}

/** The last lines that the step wrote, between rules, and where all of them are. */
function stepOutputLines({ evidence, place }: MkimageError<'step-failed'>, paint: Paint): string[] {
  const tail = (evidence?.tail ?? []).map(cutLine);
  const log = evidence?.log === undefined ? [] : [`the whole output: ${evidence.log}`];
  if (tail.length === 0) return log;
  return [paint('dim', '------'), ` > ${printable(place?.step ?? '')}:`, ...tail, paint('dim', '------'), ...log, ''];
}

/** A code frame for an error that knows its place. */
async function placeLines(error: unknown): Promise<string[]> {
  if (!(error instanceof MkimageError) || error.place?.file === undefined) return [];
  const { file, range } = error.place;
  return [`${file.name}:${range.start.line}`, await frameText(file, range), ''];
}

/** Causes that say something which the message does not say already. */
function causeLines(error: unknown): string[] {
  if (isMkimageError(error, 'cancelled')) return [];
  const lines: string[] = [];
  let said = error instanceof Error ? error.message : '';
  for (let cause = causeOf(error); cause instanceof Error && lines.length < 5; cause = causeOf(cause)) {
    if (cause.message === '' || said.includes(cause.message) || isInWords(cause, said)) continue;
    lines.push(`  because: ${printableLines(cause.message).join(' ')}`);
    said += cause.message;
  }
  return lines;
}

const IN_WORDS: Readonly<Record<string, RegExp>> = {
  EACCES: /permission denied/,
  EPERM: /permission denied/,
  EEXIST: /in the way|name exists/,
  EISDIR: /is a directory/,
  ENOENT: /no such|not found|there is no|does not exist/,
  ENOSPC: /no space left/,
  ENOTDIR: /(no|not a) directory/,
  EROFS: /read-only/,
};

/** A fault of node:fs that the message tells in better words: the rest of its text is names of temporary files. */
function isInWords(cause: Error, said: string): boolean {
  return IN_WORDS[(cause as NodeJS.ErrnoException).code ?? '']?.test(said) ?? false;
}

function hintLines(error: unknown, paint: Paint): string[] {
  const lacking = shortage(error);
  if (lacking !== undefined && !(error instanceof MkimageError)) return [`${paint('cyan', 'hint:')} ${lacking}`];
  if (!(error instanceof MkimageError)) {
    return [
      `${paint('cyan', 'hint:')} this is a fault of mkimage; run it again with \`--debug\` to see where it arose`,
    ];
  }
  return error.hint === undefined ? [] : [`${paint('cyan', 'hint:')} ${printable(error.hint)}`];
}

function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = causeOf(at)) lines.push('', at.stack ?? String(at));
  return lines;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function printableLines(text: string): string[] {
  return text.split('\n').map(cutLine);
}
