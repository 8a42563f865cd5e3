import { isMkimageError, MkimageError } from '../../errors.ts';
import { hasColour, type Terminal } from '../terminal.ts';
import { formatCodeFrame, formatDiagnostic } from './diagnostics.ts';
import { createPaint, type Paint } from './paint.ts';
import { cutLine, toPrintable } from './printable.ts';

export interface ErrorPrinting {
  /** Prints the stack traces of the error and its causes. */
  readonly debug: boolean;
}

/** Writes a failure to stderr as text. */
export async function printError(error: unknown, terminal: Terminal, printing: ErrorPrinting): Promise<void> {
  const paint = createPaint(hasColour(terminal.stderr, terminal.env));
  terminal.stderr.write(await formatError(error, paint, printing));
}

/** Formats an error: the place, the message, the causes and the hint. Ends with a line feed. */
export async function formatError(error: unknown, paint: Paint, printing: ErrorPrinting): Promise<string> {
  const lines = [
    ...(await formatFindings(error, paint)),
    ...(isMkimageError(error, 'step-failed') ? formatStepOutput(error, paint) : []),
    ...(await formatPlace(error)),
    `${paint('red', 'error:')} ${formatMessage(error)}`,
    ...formatCauses(error),
    ...formatHints(error, paint),
    ...(printing.debug ? formatStack(error) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function formatMessage(error: unknown): string {
  if (error instanceof MkimageError) return toPrintableLines(error.message).join('\n');
  const text = toPrintableLines(error instanceof Error ? error.message : String(error)).join('\n');
  return findResourceHint(error) === undefined ? `internal error: ${text}` : text;
}

/** Hints for a lack of system resources, by errno code. Such errors are not bugs in the program. */
const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: 'allow more open files: `ulimit -n 1024`',
  ENFILE: 'too many files are open on this machine; close other programs or increase `fs.file-max`',
  ENOMEM: 'out of memory; free memory or increase `ulimit -v`',
  EAGAIN: 'cannot start another process; increase `ulimit -u`',
  ENOSPC: 'the disk is full; free space on it',
  EDQUOT: 'the disk quota is exceeded; free space or increase the quota',
};

function findResourceHint(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = causeOf(at)) {
    const code = (at as NodeJS.ErrnoException).code ?? '';
    if (Object.hasOwn(SHORTAGES, code)) return SHORTAGES[code];
  }
  return undefined;
}

/** Every diagnostic of a build file with its source lines. */
async function formatFindings(error: unknown, paint: Paint): Promise<string[]> {
  if (!isMkimageError(error, 'build-file') && !isMkimageError(error, 'base-unavailable')) return [];
  if (error.evidence === undefined) return [];
  const { file, diagnostics } = error.evidence;
  const texts = await Promise.all(diagnostics.map((found) => formatDiagnostic(found, file, paint)));
  return texts.flatMap((text) => [text, '']);
}

/** The last output lines of the step, and the path of the complete log. */
function formatStepOutput({ evidence, place }: MkimageError<'step-failed'>, paint: Paint): string[] {
  const tail = (evidence?.tail ?? []).map(cutLine);
  const log = evidence?.log === undefined ? [] : [`complete output: ${evidence.log}`];
  if (tail.length === 0) return log;
  return [paint('dim', '------'), ` > ${toPrintable(place?.step ?? '')}:`, ...tail, paint('dim', '------'), ...log, ''];
}

/** The source lines of an error that has a place. */
async function formatPlace(error: unknown): Promise<string[]> {
  if (!(error instanceof MkimageError) || error.place?.file === undefined) return [];
  const { file, range } = error.place;
  return [`${file.name}:${range.start.line}`, await formatCodeFrame(file, range), ''];
}

/** Causes whose text is not part of the message already. */
function formatCauses(error: unknown): string[] {
  if (isMkimageError(error, 'cancelled')) return [];
  const lines: string[] = [];
  let said = error instanceof Error ? error.message : '';
  for (let cause = causeOf(error); cause instanceof Error && lines.length < 5; cause = causeOf(cause)) {
    if (cause.message === '' || said.includes(cause.message) || isInWords(cause, said)) continue;
    lines.push(`  because: ${toPrintableLines(cause.message).join(' ')}`);
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

/** Whether the message already describes this node:fs error. The error's own text only adds names of temporary files. */
function isInWords(cause: Error, said: string): boolean {
  return IN_WORDS[(cause as NodeJS.ErrnoException).code ?? '']?.test(said) ?? false;
}

function formatHints(error: unknown, paint: Paint): string[] {
  const lacking = findResourceHint(error);
  if (lacking !== undefined && !(error instanceof MkimageError)) return [`${paint('cyan', 'hint:')} ${lacking}`];
  if (!(error instanceof MkimageError)) {
    return [
      `${paint('cyan', 'hint:')} this is a bug in mkimage; run the command again with \`--debug\` and report the output`,
    ];
  }
  return error.hint === undefined ? [] : [`${paint('cyan', 'hint:')} ${toPrintable(error.hint)}`];
}

function formatStack(error: unknown): string[] {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = causeOf(at)) lines.push('', at.stack ?? String(at));
  return lines;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function toPrintableLines(text: string): string[] {
  return text.split('\n').map(cutLine);
}
