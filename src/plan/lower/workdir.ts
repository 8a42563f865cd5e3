import type { Workdir } from '../../instructions/index.ts';
import { checkWorkdirRelativePath } from '../rules/workdir-relative-path.ts';
import { cleanAbsolute, joinWorkdir } from '../words/paths.ts';
import { createConfigHistory, createLayerHistory } from './build-history.ts';
import { checkPath } from './kernel-limits.ts';
import { createStepBase, evaluateWord, type Lowering } from './lowering.ts';
import { type StageState, withConfig, withStep } from './stage-state.ts';
import { formatFileStepName } from './step-name.ts';

/** WORKDIR creates the directory, except the root directory, which always exists. */
export function lowerWorkdir(instruction: Workdir, state: StageState, lowering: Lowering): StageState {
  const path = evaluateWord(instruction.path, state, lowering);
  checkWorkdirRelativePath(path, !state.workdirSeen, lowering);
  const workdir = joinWorkdir(state.config.WorkingDir ?? '', path);
  checkPath(workdir, 'the working directory');
  const next = withConfig({ ...state, workdirSeen: true }, { WorkingDir: workdir });
  const base = createStepBase(formatFileStepName(instruction.source, new Map([[instruction.path, path]])), lowering);
  const createdBy = `WORKDIR ${workdir}`;
  const made = cleanAbsolute(workdir);
  if (made === '/') return withStep(next, { kind: 'config', ...base, history: createConfigHistory(createdBy) });
  const user = state.config.User ?? '';
  return withStep(next, { kind: 'workdir', ...base, path: made, user, history: createLayerHistory(createdBy) });
}
