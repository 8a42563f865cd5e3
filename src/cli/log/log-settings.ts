import { MkimageError } from '../../errors.ts';
import { createSuggestionHint } from '../../notation/index.ts';
import { LOG_AREAS, type LogArea } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';

/** Docker's levels. Only `debug` writes a log; all other levels write none. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

export interface LogSettings {
  readonly areas: ReadonlySet<LogArea>;
  /** Path as the user wrote it. undefined: standard error. */
  readonly file: string | undefined;
}

/**
 * Reads what to log; undefined: nothing. `level` (`--log-level`) overrides `$MKIMAGE_LOG`, which is a level or a comma-separated
 * list of areas. The file is `$MKIMAGE_LOG_FILE`. Throws `usage` for a word that is neither a level nor an area.
 */
export function readLogSettings(level: string | undefined, env: Terminal['env']): LogSettings | undefined {
  const words = (level ?? env.MKIMAGE_LOG ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
  const areas = new Set(words.flatMap(areasOf));
  return areas.size === 0 ? undefined : { areas, file: env.MKIMAGE_LOG_FILE || undefined };
}

function areasOf(word: string): readonly LogArea[] {
  if (word === 'debug') return LOG_AREAS;
  const area = LOG_AREAS.find((known) => known === word);
  if (area !== undefined) return [area];
  if (LOG_LEVELS.some((known) => known === word)) return [];
  throw new MkimageError('usage', `read MKIMAGE_LOG: \`${word}\` is neither a level nor an area`, {
    hint: createSuggestionHint(word, ['debug', ...LOG_AREAS], `\`debug\`, or some of ${LOG_AREAS.join(', ')}`),
  });
}
