import type { FormattedFile } from '../../api/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { createEngineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode, exitCodeOf } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const fmt = defineVerb({
  name: 'fmt',
  summary: 'format build files',
  operands: '[<file, directory or ->…]',
  completes: 'file',
  minOperands: 0,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    check: {
      type: 'boolean',
      describe: 'do not write; list the files that would change, and exit with code 3 if there are any',
    },
    diff: { type: 'boolean', describe: 'do not write; show the changes as a diff' },
    file: {
      alias: 'f',
      type: 'string',
      array: true,
      describe: 'path of the build file, as for build (`-` for stdin)',
      completes: 'file',
    },
  },
  examples: [
    ['mkimage fmt', 'format the build file of this directory'],
    ['mkimage fmt --check services/*/Dockerfile', 'list the files that are not formatted'],
    ['mkimage fmt - < Dockerfile', 'format standard input to standard output'],
  ],
  async run({ flags, operands, terminal }) {
    const named = [...flags.file, ...operands];
    const files = named.length === 0 ? ['.'] : named;
    if (files.includes('-') && files.length > 1) {
      throw new MkimageError('usage', 'format files: `-` cannot be combined with other files', {
        hint: 'pass either files or `-`',
      });
    }
    const codes: ExitCode[] = [];
    for (const file of files) codes.push(await formatOne(file, flags, terminal));
    return codes.find((code) => code !== EXIT_CODE.done) ?? EXIT_CODE.done;
  },
});

interface FormatMode {
  readonly check: boolean;
  readonly diff: boolean;
}

/** Formats one file. Prints an error instead of throwing it, so that the other files are still formatted. */
async function formatOne(operand: string, mode: FormatMode, terminal: Terminal): Promise<ExitCode> {
  try {
    return await printResult(await formatOperand(operand, mode, terminal), mode, terminal);
  } catch (error) {
    if (!isMkimageError(error)) throw error;
    const { printError } = await import('../text/print-error.ts');
    await printError(error, terminal, { debug: false });
    return exitCodeOf(error);
  }
}

/** Formats a file or standard input. Formatted standard input is written to standard output, unless `mode` forbids it. */
async function formatOperand(operand: string, { check, diff }: FormatMode, terminal: Terminal): Promise<FormattedFile> {
  const { formatFile } = await import('../../engine/authoring/format-file.ts');
  const write = !check && !diff;
  if (operand !== '-') return formatFile({ file: { kind: 'path', path: operand }, write }, createEngineCall(terminal));
  const formatted = await formatFile({ file: { kind: 'stdin' }, write: false }, createEngineCall(terminal));
  if (write) terminal.stdout.write(formatted.after);
  return formatted;
}

async function printResult(file: FormattedFile, { check, diff }: FormatMode, terminal: Terminal): Promise<ExitCode> {
  if (file.before === file.after) return EXIT_CODE.done;
  if (diff) {
    const { formatDiff } = await import('../../format/index.ts');
    const names = { before: file.name, after: file.name };
    terminal.stdout.write(formatDiff(file.before, file.after, names));
  } else if (check) terminal.stdout.write(`${file.name}\n`);
  return check ? EXIT_CODE.buildFile : EXIT_CODE.done;
}
