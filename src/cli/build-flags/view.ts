import { readPairs } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { createSuggestionHint } from '../../notation/index.ts';
import { PROGRESS_MODES, type ProgressMode } from '../render/open-renderer.ts';
import type { Terminal } from '../terminal.ts';
import { REPORT_FORMATS, type ReportFormat } from '../text/report-format.ts';
import type { BuildFlags } from './request.ts';

/** Reads the progress mode from `-q`, `--progress` and BUILDKIT_PROGRESS, in this order. Throws `usage`. */
export function readProgressMode(flags: BuildFlags, env: Terminal['env']): ProgressMode {
  const given = flags.progress ?? env.BUILDKIT_PROGRESS ?? '';
  const mode = PROGRESS_MODES.find((known) => known === (given === '' ? 'auto' : given));
  if (mode === undefined) {
    throw new MkimageError('usage', `unknown progress type \`${given}\``, {
      hint: createSuggestionHint(given, PROGRESS_MODES, `one of ${PROGRESS_MODES.join(', ')}`),
    });
  }
  if (!flags.quiet) return mode;
  if (flags.progress === undefined || mode === 'auto' || mode === 'quiet') return 'quiet';
  throw new MkimageError('usage', `\`--quiet\` and \`--progress=${mode}\` cannot be combined`);
}

const METHODS = ['build', 'check', 'outline', 'targets'] as const;

/** Value of `--call`. */
export interface BuildCall {
  readonly method: (typeof METHODS)[number];
  readonly format: 'text' | ReportFormat;
}

/** Reads `--call=METHOD[,format=json]`. `lint` is an older name for `check`. Throws `usage`. */
export function readCall(flags: Pick<BuildFlags, 'call' | 'check'>): BuildCall {
  const [[word = '', extra] = [], ...options] = readPairs(flags.call ?? (flags.check ? 'check' : 'build'));
  const method = METHODS.find((known) => known === (word === 'lint' ? 'check' : word || 'build'));
  if (method === undefined || extra !== undefined) {
    throw new MkimageError('usage', `invalid value for \`--call\`: \`${flags.call}\``, {
      hint: createSuggestionHint(word, METHODS, `one of ${METHODS.join(', ')}`),
    });
  }
  if (flags.check && method !== 'check')
    throw new MkimageError('usage', `\`--check\` and \`--call=${method}\` cannot be combined`);
  const given = options.find(([key]) => key === 'format')?.[1] ?? 'text';
  const formats = ['text', ...(method === 'check' ? REPORT_FORMATS : (['json'] as const))] as const;
  const format = formats.find((known) => known === given);
  if (format !== undefined) return { method, format };
  const hint = `one of ${formats.map((known) => `\`${known}\``).join(', ')}`;
  throw new MkimageError('usage', `unknown format for \`--call\`: \`${given}\``, { hint });
}
