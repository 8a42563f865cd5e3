import { readPairs } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { didYouMean } from '../../notation/index.ts';
import { PROGRESS_MODES, type ProgressMode } from '../render/open-renderer.ts';
import type { Terminal } from '../terminal.ts';
import { REPORT_FORMATS, type ReportFormat } from '../text/report-format.ts';
import type { BuildFlags } from './request.ts';

/** How progress is shown: `-q`, `--progress`, then BUILDKIT_PROGRESS. Throws `usage`. */
export function progressMode(flags: BuildFlags, env: Terminal['env']): ProgressMode {
  const given = flags.progress ?? env.BUILDKIT_PROGRESS ?? '';
  const mode = PROGRESS_MODES.find((known) => known === (given === '' ? 'auto' : given));
  if (mode === undefined) {
    throw new MkimageError('usage', `unknown progress \`${given}\``, {
      hint: didYouMean(given, PROGRESS_MODES, `one of ${PROGRESS_MODES.join(', ')}`),
    });
  }
  if (!flags.quiet) return mode;
  if (flags.progress === undefined || mode === 'auto' || mode === 'quiet') return 'quiet';
  throw new MkimageError('usage', `\`--quiet\` and \`--progress=${mode}\` contradict each other`);
}

const METHODS = ['build', 'check', 'outline', 'targets'] as const;

/** What `--call` asks for. */
export interface BuildCall {
  readonly method: (typeof METHODS)[number];
  readonly format: 'text' | ReportFormat;
}

/** `--call=METHOD[,format=json]`; `lint` is an older word for `check`. Throws `usage`. */
export function readCall(flags: Pick<BuildFlags, 'call' | 'check'>): BuildCall {
  const [[word = '', extra] = [], ...options] = readPairs(flags.call ?? (flags.check ? 'check' : 'build'));
  const method = METHODS.find((known) => known === (word === 'lint' ? 'check' : word || 'build'));
  if (method === undefined || extra !== undefined) {
    throw new MkimageError('usage', `unknown value of \`--call\`: \`${flags.call}\``, {
      hint: didYouMean(word, METHODS, `one of ${METHODS.join(', ')}`),
    });
  }
  if (flags.check && method !== 'check')
    throw new MkimageError('usage', `\`--check\` and \`--call=${method}\` contradict each other`);
  const given = options.find(([key]) => key === 'format')?.[1] ?? 'text';
  const formats = ['text', ...(method === 'check' ? REPORT_FORMATS : (['json'] as const))] as const;
  const format = formats.find((known) => known === given);
  if (format !== undefined) return { method, format };
  const hint = `one of ${formats.map((known) => `\`${known}\``).join(', ')}`;
  throw new MkimageError('usage', `unknown format of \`--call\`: \`${given}\``, { hint });
}
