import type { BuildRequest } from '../../api/index.ts';
import { readRegularFile } from '../../host/index.ts';
import { parseBuildFile } from '../../instructions/index.ts';
import { listTargets } from '../../plan/index.ts';
import { MOST_TEXT } from '../bounds.ts';
import { findBuildFile } from '../build/index.ts';

export interface StageQuestion {
  /** A directory. */
  readonly context: string;
  /** undefined: one of the usual names in the context. */
  readonly file: BuildRequest['file'];
  /** The directory to which `file` is relative. */
  readonly cwd: string;
}

/**
 * Returns the names of the stages of a build file as far as it can be parsed, for completion. Empty if there is no
 * file.
 */
export function listStageNames({ context, file, cwd }: StageQuestion): readonly string[] {
  const path = findBuildFile(context, file, cwd);
  if (path === undefined) return [];
  const parsed = parseBuildFile(readRegularFile(path, MOST_TEXT));
  return listTargets(parsed).flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]));
}
