import type { FormattedFile } from '../../api/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { engineCall } from '../engine-call.ts';
import { EXIT_CODE, type ExitCode, exitCodeOf } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const fmt = defineVerb({
  name: 'fmt',
  summary: 'format build files',
  operands: '[<file, directory or ->…]',
  completes: 'file',
  least: 0,
  most: Number.POSITIVE_INFINITY,
  flags: {
    check: {
      type: 'boolean',
      describe: 'write nothing; list the files that would change, and end with 3 if there are any',
    },
    diff: { type: 'boolean', describe: 'write nothing; show what would change' },
    file: {
      alias: 'f',
      type: 'string',
      array: true,
      describe: 'build file, as for build (- for stdin)',
      completes: 'file',
    },
  },
  examples: [
    ['mkimage fmt', 'format the build file of this folder'],
    ['mkimage fmt --check services/*/Dockerfile', 'only say which are not formatted'],
    ['mkimage fmt - < Dockerfile', 'from standard input to standard output'],
  ],
  async run({ flags, operands, terminal }) {
    const named = [...flags.file, ...operands];
    const files = named.length === 0 ? ['.'] : named;
    if (files.includes('-') && files.length > 1) {
      throw new MkimageError('usage', 'format files: `-` stands alone', { hint: 'name files, or standard input' });
    }
    const codes: ExitCode[] = [];
    for (const file of files) codes.push(await formatOne(file, flags, terminal));
    return codes.find((code) => code !== EXIT_CODE.done) ?? EXIT_CODE.done;
  },
});

interface Wanted {
  readonly check: boolean;
  readonly diff: boolean;
}

/** A file that cannot be formatted keeps no other from it. */
async function formatOne(operand: string, wanted: Wanted, terminal: Terminal): Promise<ExitCode> {
  try {
    return await tell(await read(operand, wanted, terminal), wanted, terminal);
  } catch (error) {
    if (!isMkimageError(error)) throw error;
    const { printError } = await import('../text/print-error.ts');
    await printError(error, terminal, { debug: false });
    return exitCodeOf(error);
  }
}

/** Text from standard input goes to standard output, unless something else is asked for. */
async function read(operand: string, { check, diff }: Wanted, terminal: Terminal): Promise<FormattedFile> {
  const { formatFile } = await import('../../engine/authoring/format-file.ts');
  const write = !check && !diff;
  if (operand !== '-') return formatFile({ file: { kind: 'path', path: operand }, write }, engineCall(terminal));
  const formatted = await formatFile({ file: { kind: 'stdin' }, write: false }, engineCall(terminal));
  if (write) terminal.stdout.write(formatted.after);
  return formatted;
}

async function tell(file: FormattedFile, { check, diff }: Wanted, terminal: Terminal): Promise<ExitCode> {
  if (file.before === file.after) return EXIT_CODE.done;
  if (diff) {
    const { unifiedDiff } = await import('../../format/index.ts');
    const names = { before: file.name, after: file.name };
    terminal.stdout.write(unifiedDiff(file.before, file.after, names));
  } else if (check) terminal.stdout.write(`${file.name}\n`);
  return check ? EXIT_CODE.buildFile : EXIT_CODE.done;
}
