import type { StageInstruction } from '../stages/stage.ts';
import { lowerCopy } from './copy.ts';
import type { Lowering } from './lowering.ts';
import { lowerExpose, lowerMaintainer, lowerOnbuild, lowerVolume } from './metadata.ts';
import { lowerCmd, lowerEntrypoint, lowerHealthcheck, lowerShell, lowerStopSignal, lowerUser } from './process.ts';
import { lowerRun } from './run.ts';
import type { StageState } from './stage-state.ts';
import { lowerArg, lowerEnv, lowerLabel } from './variables.ts';
import { lowerWorkdir } from './workdir.ts';

/** Returns the state of the stage after the instruction. Throws a Fault. */
export function lowerInstruction(instruction: StageInstruction, state: StageState, lowering: Lowering): StageState {
  switch (instruction.kind) {
    case 'run':
      return lowerRun(instruction, state, lowering);
    case 'copy':
    case 'add':
      return lowerCopy(instruction, state, lowering);
    case 'workdir':
      return lowerWorkdir(instruction, state, lowering);
    case 'env':
      return lowerEnv(instruction, state, lowering);
    case 'label':
      return lowerLabel(instruction, state, lowering);
    case 'arg':
      return lowerArg(instruction, state, lowering);
    case 'cmd':
      return lowerCmd(instruction, state, lowering);
    case 'entrypoint':
      return lowerEntrypoint(instruction, state, lowering);
    case 'healthcheck':
      return lowerHealthcheck(instruction, state, lowering);
    case 'shell':
      return lowerShell(instruction, state, lowering);
    case 'stopsignal':
      return lowerStopSignal(instruction, state, lowering);
    case 'user':
      return lowerUser(instruction, state, lowering);
    case 'expose':
      return lowerExpose(instruction, state, lowering);
    case 'volume':
      return lowerVolume(instruction, state, lowering);
    case 'maintainer':
      return lowerMaintainer(instruction, state, lowering);
    case 'onbuild':
      return lowerOnbuild(instruction, state);
    default:
      return instruction satisfies never;
  }
}
